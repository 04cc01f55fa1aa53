import {
  createSourceEventStream,
  print,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import type { Logger } from 'pino';
import { isJobNoun, type Change, type ProjectChange } from '#schema/domain';
import type { Tools } from '../graph/context.js';
import type { Viewer } from '../identity/viewer.js';
import { Audience, type LiveTools } from './audience.js';
import type { ChangeListener } from './changes.js';
import { Presence } from './presence.js';
import { Rights } from './rights.js';
import { createRows } from './rows.js';
import { Source } from './sources.js';
import { Subscriber, type Farewell, type Outlet } from './subscriber.js';
import { Suspects } from './suspects.js';

/** Connections of one person to this server at once, sockets and event streams together. */
export const mostConnections = 100;

/** Everybody who listens: their connections, what they follow, and that they still may. */
export class Live implements ChangeListener {
  private readonly shared: LiveTools;
  private readonly suspects: Suspects;
  private readonly people = new Map<string, Set<Presence>>();
  private readonly audiences = new Map<string, Audience>();
  private readonly topics = new Map<string, Set<Audience>>();
  /** What changes while a subscription is being granted, for each of these. */
  private readonly granting = new Set<ProjectChange[]>();

  constructor(tools: Tools, mask: (error: unknown) => GraphQLError, log: Logger) {
    const rights = new Rights(tools.catalogue);
    this.shared = { tools, mask, log, rights, rows: createRows(tools.catalogue) };
    this.suspects = new Suspects(rights, log, () => this.presences());
  }

  /** Ends every connection, so that clients look for another server. */
  stop(): void {
    this.suspects.stop();
    for (const presence of [...this.presences()]) presence.close('STOPPING');
  }

  /** A new connection of this person, which `onClose` must be able to end; null where there are too many. */
  enter(viewer: Viewer, onClose: (why: Farewell) => void): Presence | null {
    const theirs = this.people.get(viewer.user.id) ?? new Set();
    if (theirs.size >= mostConnections) return null;
    const presence = new Presence(viewer, onClose, () => {
      theirs.delete(presence);
      if (theirs.size === 0) this.people.delete(viewer.user.id);
    });
    this.people.set(viewer.user.id, theirs.add(presence));
    // Its credential may have gone after it was looked at and before it was known here.
    this.suspects.add(presence);
    return presence;
  }

  /** Subscribes for a connection; answers with why not, where the document or the rights do not allow it. */
  async subscribe(
    args: ExecutionArgs,
    presence: Presence,
    outlet: Outlet,
  ): Promise<Subscriber | ExecutionResult> {
    const meanwhile: ProjectChange[] = [];
    this.granting.add(meanwhile);
    try {
      const source = await createSourceEventStream(args);
      if (!(source instanceof Source)) return source as ExecutionResult;
      const subscriber = this.join(this.audienceFor(args, source), presence, outlet);
      for (const change of meanwhile) {
        if (topicsOf(change).includes(source.topic)) subscriber.push(change);
      }
      return subscriber;
    } finally {
      this.granting.delete(meanwhile);
    }
  }

  /** Tells those who follow it; what a person may see is asked anew where that changed. */
  changed(change: Change): void {
    if (change.noun === 'User' || change.noun === 'Member') {
      for (const presence of this.people.get(change.id) ?? []) this.suspects.add(presence);
    }
    if (change.noun === 'User') return;
    for (const meanwhile of this.granting) meanwhile.push(change);
    for (const topic of topicsOf(change)) {
      for (const audience of this.topics.get(topic) ?? []) audience.push(change);
    }
  }

  /** Rights may have changed unheard, and jobs may be gone. */
  missed(): void {
    for (const presence of this.presences()) this.suspects.add(presence);
    for (const audience of this.audiences.values()) {
      const { projectId, present } = audience.source;
      // Whose place changed is not known, nor whether one did: who listens for it looks.
      audience.push(present ?? { noun: 'Member', id: '', projectId, kind: 'MEMBERS_CHANGED' });
    }
  }

  /** The projects that somebody follows, or one of whose jobs. */
  followed(): string[] {
    return [...new Set([...this.audiences.values()].map(({ source }) => source.projectId))];
  }

  private *presences(): Iterable<Presence> {
    for (const theirs of this.people.values()) yield* theirs;
  }

  private join(audience: Audience, presence: Presence, outlet: Outlet): Subscriber {
    const subscriber = new Subscriber(presence, audience.source, outlet, audience, () => {
      presence.subscribers.delete(subscriber);
      audience.leave(subscriber);
      if (audience.empty) this.dissolve(audience);
    });
    presence.subscribers.add(subscriber);
    audience.join(subscriber);
    if (presence.gone) subscriber.end();
    // The rights may have ended after they were looked at and before it was known here.
    else this.suspects.add(presence);
    return subscriber;
  }

  private audienceFor(args: ExecutionArgs, source: Source): Audience {
    const { schema, document, operationName, variableValues } = args;
    const key = JSON.stringify([textOf(document), operationName, variableValues]);
    const known = this.audiences.get(key);
    if (known) return known;
    const question = { schema, document, operationName, variableValues, source };
    const audience = new Audience(key, question, this.shared);
    this.audiences.set(key, audience);
    this.topics.set(source.topic, (this.topics.get(source.topic) ?? new Set()).add(audience));
    return audience;
  }

  private dissolve(audience: Audience): void {
    if (this.audiences.get(audience.key) !== audience) return;
    this.audiences.delete(audience.key);
    const { topic } = audience.source;
    this.topics.get(topic)?.delete(audience);
    if (this.topics.get(topic)?.size === 0) this.topics.delete(topic);
  }
}

/** What those follow who are told of it. */
function topicsOf({ noun, id, projectId }: ProjectChange): string[] {
  return isJobNoun(noun) ? [`job/${id}`, `project/${projectId}`] : [`project/${projectId}`];
}

/** The document as it was sent: equal texts are equal questions. */
function textOf(document: DocumentNode): string {
  return document.loc?.source.body ?? print(document);
}
