/** Tells the person at the console one line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Like `say`, with the time, for what happens while Holdfast runs. */
export function sayNow(line: string): void {
  say(`${new Date().toISOString()} ${line}`);
}
