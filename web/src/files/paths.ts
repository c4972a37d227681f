/** Paths of the guest, as text. Bytes that are not UTF-8 are lone surrogates, as the library gives them (docs/guest-files.md). */

/** Bytes that a name may have on Linux. */
const MOST_NAME_BYTES = 255;

export function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** The directory that a path is in; of the root the root itself. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last part of a path; of the root "/". */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || "/";
}

/** A path as somebody types it, made absolute: `~` is root's home, and what is relative begins in `directory`. */
export function resolvePath(typed: string, directory: string): string {
  const path = typed === "~" || typed.startsWith("~/") ? `/root${typed.slice(1)}` : typed;
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The steps from the root to a path, for links to each. */
export function stepsTo(path: string): { readonly name: string; readonly path: string }[] {
  const parts = path.split("/").filter(Boolean);
  return [
    { name: "/", path: "/" },
    ...parts.map((name, at) => ({ name, path: `/${parts.slice(0, at + 1).join("/")}` })),
  ];
}

/** A name as it can be shown: what has no glyph is written out as `ls` and bash do. */
export function shownName(name: string): string {
  return name
    .replace(/[\udc80-\udcff]/gu, (byte) => `\\x${(byte.charCodeAt(0) & 0xff).toString(16)}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replace(/\p{Cc}|\p{Bidi_Control}/gu, "\ufffd");
}

/** What keeps a text from being the name of a file; `null`: nothing. */
export function problemOfName(name: string): string | null {
  if (name === "") return "A name is missing.";
  if (name === "." || name === "..") return `"${name}" is the name of every directory's own entry.`;
  if (/[/\0]/.test(name)) return "A name has no slash in it.";
  if (new TextEncoder().encode(name).length > MOST_NAME_BYTES)
    return `A name has ${MOST_NAME_BYTES} bytes at most; this one has more.`;
  return null;
}

/** A name that the browser can save under on any system. */
export function nameToSave(name: string): string {
  const safe = name.replace(/[/\\:*?"<>|]|\p{Cc}|\p{Surrogate}|\p{Bidi_Control}/gu, "_").slice(0, 200);
  return safe === "" || safe === "." || safe === ".." ? "file" : safe;
}

/** A name like this one that is not taken: "a.txt" becomes "a (2).txt". */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 2; ; n++) {
    const other = `${stem} (${n})${ending}`;
    if (!isTaken(other)) return other;
  }
}

/** The parts of a path that a browser gives with a file; `null` when it leads anywhere but down. */
export function partsOf(path: string): readonly string[] | null {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.some((part) => part === ".." || part.includes("\0")) ? null : parts;
}
