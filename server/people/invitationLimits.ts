import { RequestLimit } from '../identity/requestLimit.js';

const hourMs = 3_600_000;
/** How many people one person may add to projects within an hour. */
const mostPeople = 30;
/** How often one invitation may be mailed within an hour. */
const mostMails = 3;

/** Keeps Holdfast from being used to fill other people’s mailboxes. Counted by each server since it started. */
export class InvitationLimits {
  private readonly people = new RequestLimit(mostPeople, hourMs);
  private readonly mails = new RequestLimit(mostMails, hourMs);

  /** Whether this person may add one more. */
  takePerson(inviterId: string): boolean {
    return this.people.take(inviterId);
  }

  /** Whether the invitation of this address to this project may be mailed once more. */
  takeMail(projectId: string, address: string): boolean {
    return this.mails.take(`${projectId} ${address}`);
  }
}
