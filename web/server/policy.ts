import { FIRST_PAINT_HASH } from "./first-paint.ts";
import { frameSource } from "./port-rules.ts";

/** Through which relays the site's machines may reach the network. */
export interface RelayRules {
  readonly relay: string | null;
  readonly otherRelays: boolean;
}

/** With TLS, or on the person's own computer. */
const LOOPBACK = ["localhost:*", "127.0.0.1:*"];
const OTHER_RELAYS = ["https:", "wss:", ...LOOPBACK.flatMap((host) => [`http://${host}`, `ws://${host}`])];

/**
 * What the page may load and run. `wasm-unsafe-eval`: the emulator compiles guest code to WebAssembly. Inline styles: xterm.js
 * measures and colours its cells with style elements of its own.
 * @param relay Address of the relay that the site's machines reach the network through; `null`: there is none.
 * @param otherRelays Whether a person may choose another one: any with TLS, or one on their own computer.
 * @param ports Origin at which servers of the machines are shown, as `PortRules` has it.
 */
export function contentSecurityPolicy({ relay, otherRelays }: RelayRules, ports: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' '${FIRST_PAINT_HASH}'`,
    "worker-src 'self'",
    `connect-src ${["'self'", ...originsOf(relay), ...(otherRelays ? OTHER_RELAYS : [])].join(" ")}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `frame-src ${frameSource(ports) ?? "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The one page that other sites may show in a frame, by its address with and without its ending: some hosts leave that away. */
export const EMBED_PAGES: readonly string[] = ["/embed.html", "/embed"];

/** Keeps other sites from showing a page in a frame, where it could be clicked without being seen. It holds as a header only. */
export const NO_FOREIGN_FRAMES = "frame-ancestors 'self'";

/** Whether other sites may show what is at this address in a frame. */
export function mayBeFramed(url: string): boolean {
  const [path = ""] = url.split("?");
  return EMBED_PAGES.includes(path);
}

/** The rules of the environment: `WARMBOOT_RELAY` and `WARMBOOT_OTHER_RELAYS`. @throws Error for what cannot be */
export function relayRules(): RelayRules {
  const relay = process.env["WARMBOOT_RELAY"] ?? "";
  if (relay !== "" && originsOf(relay).length === 0)
    throw new Error(`WARMBOOT_RELAY: "${relay}" is not the address of a relay, such as wisps://relay.example/`);
  const others = process.env["WARMBOOT_OTHER_RELAYS"] ?? "yes";
  if (others !== "yes" && others !== "no")
    throw new Error(`WARMBOOT_OTHER_RELAYS: "${others}" is not known; there are "yes" and "no".`);
  return { relay: relay === "" ? null : relay, otherRelays: others === "yes" };
}

/** Where tickets are asked for, and where the WebSocket goes. Both are of the relay. A policy cannot name an IPv6 address. */
function originsOf(relay: string | null): string[] {
  const [, scheme, host] = /^(wisps?|wss?):\/\/([\w.-]+(?::\d+)?)\/[^\s;,]*$/.exec(relay ?? "") ?? [];
  if (!scheme || !host) return [];
  return scheme.endsWith("s") && scheme !== "ws"
    ? [`https://${host}`, `wss://${host}`]
    : [`http://${host}`, `ws://${host}`];
}
