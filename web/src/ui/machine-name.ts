const LONGEST = 100;

/** Why a machine, or a state of one, cannot have this name; `null`: it can. `taken`: those that there are. */
export function nameProblem(name: string, taken: readonly string[]): string | null {
  if (name === "") return "It needs a name.";
  if ([...name].length > LONGEST) return `A name has at most ${LONGEST} characters.`;
  if (!/^\P{C}+$/u.test(name)) return "A name has no control characters.";
  if (taken.includes(name)) return `There is one called "${name}" already.`;
  return null;
}

/** The name, or it with a number behind that is free. */
export function freeName(name: string, taken: readonly string[]): string {
  const short = [...name.replace(/\p{C}/gu, "").trim()].slice(0, LONGEST - 5).join("") || "machine";
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? short : `${short} ${i}`;
    if (!taken.includes(candidate)) return candidate;
  }
}
