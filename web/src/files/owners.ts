import type { FileStat, KernelSession } from "warmboot";

/** Longer ones are not read; the numbers are shown then. */
const MOST_BYTES = 2 ** 20;

/** Names of the guest's users and groups, by number. */
export class Owners {
  #users: ReadonlyMap<number, string> = new Map();
  #groups: ReadonlyMap<number, string> = new Map();

  /** Reads them. Without them there are the numbers. */
  async load({ files }: KernelSession): Promise<void> {
    const read = (path: string) => files.readText(path, { maxBytes: MOST_BYTES }).catch(() => "");
    const [users, groups] = await Promise.all([read("/etc/passwd"), read("/etc/group")]);
    this.#users = namesIn(users);
    this.#groups = namesIn(groups);
  }

  of({ uid, gid }: Pick<FileStat, "uid" | "gid">): string {
    return `${this.#users.get(uid) ?? uid}:${this.#groups.get(gid) ?? gid}`;
  }
}

function namesIn(text: string): ReadonlyMap<number, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [name = "", , id = ""] = line.split(":");
      return name !== "" && /^\d+$/.test(id) ? [[Number(id), name] as const] : [];
    }),
  );
}
