/**
 * What the page may load and run. `wasm-unsafe-eval`: the emulator compiles guest code to WebAssembly. Inline styles: xterm.js
 * measures and colours its cells with style elements of its own.
 * @param relay Address of the relay that the site's machines reach the network through; `null`: there is none.
 */
export function contentSecurityPolicy(relay: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src ${["'self'", ...originsOf(relay)].join(" ")}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The relay of the environment, `WARMBOOT_RELAY`. @throws Error for one that is no address of a relay. */
export function relayOfEnvironment(): string | null {
  const relay = process.env["WARMBOOT_RELAY"] ?? "";
  if (relay === "") return null;
  if (originsOf(relay).length === 0)
    throw new Error(`WARMBOOT_RELAY: "${relay}" is not the address of a relay, such as wisps://relay.example/`);
  return relay;
}

/** Where tickets are asked for, and where the WebSocket goes. Both are of the relay. */
function originsOf(relay: string | null): string[] {
  const [, scheme, host] =
    /^(wisps?|wss?):\/\/([\w.-]+(?::\d+)?|\[[\da-fA-F:]+\](?::\d+)?)\/[^\s;,]*$/.exec(relay ?? "") ?? [];
  if (!scheme || !host) return [];
  return scheme.endsWith("s") && scheme !== "ws"
    ? [`https://${host}`, `wss://${host}`]
    : [`http://${host}`, `ws://${host}`];
}
