/** A machine whose commands are timed, in Node or in a page. */
export interface ExecSubject {
  /** Runs `true` so many times through the SDK, one after the other; ms of each. */
  execs(count: number): Promise<number[]>;
  /** Runs a bash script in the guest; its stdout. */
  script(text: string): Promise<string>;
}

/** The baseline: bash starts /bin/true and waits for it; the guest's clock says how long that took. Ms of each. */
export async function forkExecs(subject: ExecSubject, count: number): Promise<number[]> {
  const output = await subject.script(
    `for ((i = 0; i < ${count}; i++)); do s=\${EPOCHREALTIME/./}; /bin/true; e=\${EPOCHREALTIME/./}; t+=($((e - s))); done; echo "\${t[@]}"`,
  );
  const times = output.trim().split(" ").map(Number);
  if (times.length !== count || times.some(Number.isNaN)) throw new Error(`the guest's times are ${output}`);
  return times.map((microseconds) => microseconds / 1000);
}
