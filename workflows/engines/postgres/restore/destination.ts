/** A role of the destination’s server. */
export interface ServerRole {
  name: string;
  /** Whether the environment’s role may give objects to it. */
  maySet: boolean;
}

/** An extension that the destination’s server could create. */
export interface AvailableExtension {
  name: string;
  /** Whether who may create objects in the database may create it too. */
  trusted: boolean;
  /** Whether otherwise only superusers may. */
  superuser: boolean;
}

/** What of a destination decides whether and how a dump fits there. */
export interface Destination {
  /** E.g. `15.18`. */
  serverVersion: string;
  major: number;
  /** The environment’s own role. */
  role: string;
  isSuperuser: boolean;
  extensionsAvailable: AvailableExtension[];
  roles: ServerRole[];
  tablespaces: string[];
}
