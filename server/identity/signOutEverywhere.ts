import { IsNull, MoreThan, type DataSource } from 'typeorm';
import { ApiToken, Session, SignInLink } from '#schema/entities';

/** How many of a person’s credentials ended. */
export interface Ended {
  sessions: number;
  tokens: number;
}

/** Ends all sessions of a person and their unused sign-in links; their tokens too where asked for. */
export async function signOutEverywhere(
  catalogue: DataSource,
  userId: string,
  withTokens: boolean,
): Promise<Ended> {
  const alive = { userId, expiresAt: MoreThan(new Date()) };
  return catalogue.transaction(async (manager) => {
    await manager.delete(SignInLink, { userId, usedAt: IsNull() });
    const sessions = await manager.delete(Session, alive);
    // What has expired by itself stays listed as that.
    const tokens = withTokens
      ? await manager.delete(ApiToken, [alive, { userId, expiresAt: IsNull() }])
      : { affected: 0 };
    return { sessions: sessions.affected ?? 0, tokens: tokens.affected ?? 0 };
  });
}
