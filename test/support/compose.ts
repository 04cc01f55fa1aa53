import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** A service as `docker-compose.yml` writes it; what the tests do not ask for is left out. */
export interface Service {
  image: string;
  build?: string;
  user?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  configs?: unknown[];
  volumes?: Array<string | { type: string; source: string; target: string; read_only?: boolean }>;
  tmpfs?: string[];
  ports?: string[];
  networks: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
  entrypoint?: string[];
  command?: string[];
  healthcheck?: { test: string[] };
  init?: boolean;
  restart: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  privileged?: boolean;
  network_mode?: string;
  pids_limit?: number;
  mem_limit?: string;
  stop_grace_period?: string;
  logging?: { driver: string; options: Record<string, string> };
}

/** The file, its anchors and merges resolved, its variables not yet. */
export interface ComposeFile {
  name: string;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

const file = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
const variable = /\$(?:\$|\{(\w+)(?:(:-|:\?)([^}]*))?\}|(.?))/g;

/** The text of the compose file. */
export function composeText(): string {
  return readFileSync(file, 'utf8');
}

/** Reads the compose file. */
export function readCompose(): ComposeFile {
  return parse(composeText(), { merge: true }) as ComposeFile;
}

/** One service; throws where there is none of that name. */
export function serviceOf({ services }: ComposeFile, name: string): Service {
  const service = services[name];
  if (!service) throw new Error(`There is no service ${name}`);
  return service;
}

/** Puts variables in, as Compose does. Throws where a required one is missing, or a form is none that Compose has. */
export function interpolate(text: string, variables: Record<string, string>): string {
  return text.replace(variable, (form, name?: string, kind?: string, rest = '') => {
    if (form === '$$') return '$';
    if (name === undefined) throw new Error(`A lone $ in ${text}: write $$`);
    const value = variables[name] ?? '';
    if (kind === ':?' && value === '') throw new Error(`${name} is required: ${rest}`);
    return kind === ':-' && value === '' ? rest : value;
  });
}

/** A service’s environment with its variables put in. */
export function environmentOf(
  { environment = {} }: Service,
  variables: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, interpolate(String(value), variables)]),
  );
}

/** Names of the variables that a person must set. */
export function requiredVariables(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))].sort();
}
