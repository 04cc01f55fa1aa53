import { environmentOf, readCompose, serviceOf } from './compose.js';

/** What stands in a container’s place on this machine: text of the compose file, and what it becomes. */
export type Places = Record<string, string>;

/** The command and environment of a service of ours, as the compose file has them, with other places. */
export function asNative(
  name: string,
  variables: Record<string, string>,
  places: Places,
  more: Record<string, string>,
): { command: string[]; environment: Record<string, string> } {
  const service = serviceOf(readCompose(), name);
  const environment = environmentOf(service, variables);
  for (const [variable, value] of Object.entries(environment)) {
    const place = Object.keys(places).find((each) => value === each || value.startsWith(`${each}/`));
    if (place !== undefined) environment[variable] = `${places[place]}${value.slice(place.length)}`;
  }
  return { command: service.command ?? [], environment: { ...environment, ...more } };
}
