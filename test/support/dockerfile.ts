/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals, e.g. `COPY`. */
  name: string;
  /** What stands behind it, its lines joined. */
  text: string;
  /** The stage that it belongs to. */
  stage: string;
}

/** Reads a Dockerfile instruction by instruction; throws where a line is none. */
export function readDockerfile(content: string): Instruction[] {
  const lines = content
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  let stage = '';
  return lines.map((line) => {
    const [, name = '', text = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (!known.has(name.toUpperCase())) throw new Error(`This is no instruction: ${line}`);
    if (name.toUpperCase() === 'FROM') stage = /\sAS\s+(\S+)/i.exec(text)?.[1] ?? '';
    return { name: name.toUpperCase(), text: text.trim().replace(/\s+/g, ' '), stage };
  });
}

/** The instructions of this name in a stage, or in all. */
export function instructions(of: Instruction[], name: string, stage?: string): string[] {
  return of
    .filter((each) => each.name === name && (stage === undefined || each.stage === stage))
    .map(({ text }) => text);
}

const known = new Set(
  'FROM RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG STOPSIGNAL HEALTHCHECK SHELL'.split(
    ' ',
  ),
);
