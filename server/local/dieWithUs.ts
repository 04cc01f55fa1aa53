import { runCommand, type Command } from './runCommand.js';

let supported: Promise<boolean> | undefined;

/**
 * The same command, ended by `signal` when this process dies, even by kill -9, where the system can do that (setpriv).
 * Elsewhere the command is unchanged; what is left over is ended at the next start.
 */
export async function dieWithUs(command: Command, signal: 'INT' | 'TERM'): Promise<Command> {
  supported ??= canSetSignal();
  if (!(await supported)) return command;
  return {
    ...command,
    file: 'setpriv',
    args: [`--pdeathsig=${signal}`, '--', command.file, ...command.args],
  };
}

async function canSetSignal(): Promise<boolean> {
  return (await runCommand({ file: 'setpriv', args: ['--pdeathsig=TERM', '--', 'true'] })).code === 0;
}
