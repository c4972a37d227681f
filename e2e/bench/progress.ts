/** Tells what is going on; stdout is for the report alone. */
export function progress(line: string): void {
  console.error(`bench: ${line}`);
}
