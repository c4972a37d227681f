import type { PortLabel } from "../../ports/shared/address.ts";

const KEY = "warmboot.ports";
const MOST_KEPT = 200;

/** Where a port of a machine is shown: an origin that is not the site's. `null`: this site has none. */
export function shownOrigin({ port, id }: PortLabel): string | null {
  const pattern = document.querySelector<HTMLMetaElement>('meta[name="warmboot-ports"]')?.content ?? "no";
  if (pattern === "no") return null;
  if (pattern !== "local") return pattern.replace("{port}", `${port}-${id}`);
  const { protocol, hostname, host } = location;
  return /^(.+\.)?localhost$/.test(hostname) && protocol === "http:" ? `http://${port}-${id}.${host}` : null;
}

/**
 * Names the machine in the origins of its ports: the same one at each visit, so that what its pages keep in the browser is found again; no other site can guess
 * it. `name`: `null` for a machine that is not kept.
 */
export function machineId(name: string | null): string {
  if (name === null) return newId();
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? "{}") as object);
    const known: unknown = kept.find(([each]) => each === name)?.[1];
    if (typeof known === "string" && /^[a-z0-9]{16}$/.test(known)) return known;
    const id = newId();
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...kept, [name, id]].slice(-MOST_KEPT))));
    return id;
  } catch {
    // No storage: it lasts as long as the page.
    return newId();
  }
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join("");
}
