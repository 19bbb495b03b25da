/** Shows where a run is, on one line of a terminal; `""` clears it. Nothing is written where there is no terminal. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
