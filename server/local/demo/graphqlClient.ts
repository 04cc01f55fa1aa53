/** Sends one operation to Holdfast's API and gives its `data`. Throws for every answer that is not a success. */
export type SendGraphql = <Data>(
  what: string,
  query: string,
  variables: Record<string, unknown>,
) => Promise<Data>;

/** An answer's remark that a rule said no. */
export interface UserError {
  code: string;
  message: string;
}

interface GraphqlAnswer<Data> {
  data?: Data | null;
  errors?: { message: string }[];
}

const TIMEOUT_MILLISECONDS = 30_000;

/** Makes a sender for one address and API token. `what` begins the message of its errors, which never hold variables. */
export function graphqlClient(url: string, token: string): SendGraphql {
  return async <Data>(what: string, query: string, variables: Record<string, unknown>): Promise<Data> => {
    const response = await post(what, url, token, JSON.stringify({ query, variables }));
    const answer = await readAnswer<Data>(what, url, response);
    if (answer.errors !== undefined && answer.errors.length > 0) {
      throw new Error(`${what} failed: ${answer.errors.map((error) => error.message).join(' ')}`);
    }
    if (!response.ok || answer.data === undefined || answer.data === null) {
      throw new Error(`${what} failed: ${url} answered HTTP ${response.status} without data.`);
    }
    return answer.data;
  };
}

/** Throws with the messages of the user errors, where there are any. */
export function refuseUserErrors(what: string, userErrors: UserError[]): void {
  if (userErrors.length === 0) return;
  throw new Error(
    `${what} was refused: ${userErrors.map((error) => `${error.message} (${error.code})`).join(' ')}`,
  );
}

async function post(what: string, url: string, token: string, body: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
  } catch (error: unknown) {
    throw new Error(`${what} failed: ${url} did not answer.`, { cause: error });
  }
}

async function readAnswer<Data>(what: string, url: string, response: Response): Promise<GraphqlAnswer<Data>> {
  try {
    return (await response.json()) as GraphqlAnswer<Data>;
  } catch (error: unknown) {
    throw new Error(`${what} failed: ${url} answered HTTP ${response.status}, which is no GraphQL.`, {
      cause: error,
    });
  }
}
