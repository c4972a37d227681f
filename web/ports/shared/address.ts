/** Where servers of machines are shown: each port of each machine has an origin of its own, none of which is the site's. */

/** One port of one machine. */
export interface PortLabel {
  /** TCP port of the guest, 1 to 65535. */
  readonly port: number;
  /** Names the machine; nobody else can guess it. */
  readonly id: string;
}

/** In the addresses of an origin: the first label of its name. */
const LABEL = /^(\d{1,5})-([a-z0-9]{16})$/;
/** What the guest's servers call themselves. `10.0.2.x` is the guest's address. */
const GUEST_HOSTS = /^(localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|10\.0\.2\.\d{1,3})$/;

/** The label at the beginning of a host's name; `null`: it has none. */
export function labelOf(hostname: string): PortLabel | null {
  const [, digits, id] = LABEL.exec(hostname.split(".")[0] ?? "") ?? [];
  const port = Number(digits);
  return id !== undefined && isPort(port) ? { port, id } : null;
}

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

/** As the guest's server sees itself. */
export const guestOrigin = (port: number): string => `http://localhost:${port}`;

/** The origin of another port of the same machine. `origin` is one of that machine. */
export function siblingOrigin(origin: string, port: number): string {
  return origin.replace(/^(https?:\/\/)\d+-/, `$1${port}-`);
}

/** The port of the guest that an address means: one on the guest's own loopback, or its address. `null`: it is not of the guest. */
export function guestPortOf(url: URL): number | null {
  const isPlain = url.protocol === "http:" || url.protocol === "ws:";
  if ((!isPlain && url.protocol !== "https:" && url.protocol !== "wss:") || !GUEST_HOSTS.test(url.hostname))
    return null;
  return url.port === "" ? (isPlain ? 80 : 443) : Number(url.port);
}

/** An address as the guest says it, as the address at which it is shown; others stay as they are. `origin`: of any port of the machine. */
export function shownAddress(address: string, base: string, origin: string): string {
  if (!URL.canParse(address, base)) return address;
  const url = new URL(address, base);
  const port = guestPortOf(url);
  return port === null ? url.href : siblingOrigin(origin, port) + url.pathname + url.search + url.hash;
}

/** The origin at which the guest knows a shown address; an address that is shown nowhere keeps its own. */
export function guestOriginOf(url: URL): string {
  const label = labelOf(url.hostname);
  return label ? guestOrigin(label.port) : url.origin;
}

/** The site that the origins of ports belong to. `configured`: as it was built; empty: a page on this computer, whose host they are under. */
export function siteOrigin(configured: string, { protocol, hostname, port }: URL | Location | WorkerLocation): string {
  if (configured !== "") return configured;
  const host = /^[^.]+\.((?:[^.]+\.)*localhost)$/.exec(hostname)?.[1];
  return host === undefined ? "" : `${protocol}//${host}${port === "" ? "" : `:${port}`}`;
}

/** What `location` is in a worker; the page's types do not know it. */
interface WorkerLocation {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}
