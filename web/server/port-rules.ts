/** At which addresses servers of the machines are shown. Each port of each machine has an origin of its own, and none is the site's. */
export interface PortRules {
  /**
   * `local`: a page at `localhost`, or a name under it, shows them at `{port}.localhost`, at its own port; `no`: nowhere; otherwise an origin with `{port}` as the first label of its
   * name, such as `https://{port}.ports.example`.
   */
  readonly origin: string;
  /** Origin of the site, which alone may show them; empty with `local`. */
  readonly site: string;
}

/** The rules of the environment: `WARMBOOT_PORTS` and `WARMBOOT_SITE`. @throws Error for what cannot be */
export function portRules(): PortRules {
  const origin = process.env["WARMBOOT_PORTS"] || "local";
  if (origin === "local" || origin === "no") return { origin, site: "" };
  const site = process.env["WARMBOOT_SITE"] ?? "";
  if (frameSource(origin) === null)
    throw new Error(
      `WARMBOOT_PORTS: "${origin}" is not "local", "no" or an origin such as https://{port}.ports.example`,
    );
  if (!URL.canParse(site) || new URL(site).origin !== site)
    throw new Error(
      `WARMBOOT_SITE: "${site}" is not the origin of the site, such as https://example.org; WARMBOOT_PORTS needs it.`,
    );
  return { origin, site };
}

/** What the page may show in frames, as its policy says it; `null`: nothing. */
export function frameSource(origin: string): string | null {
  if (origin === "local") return "http://*.localhost:*";
  const [, scheme, host] = /^(https?):\/\/\{port\}\.([a-z0-9.-]+(?::\d+)?)$/.exec(origin) ?? [];
  return scheme && host ? `${scheme}://*.${host}` : null;
}

/** What a document of ours at a port's origin may do. `site`: who may show it. */
export function portsPolicy(site: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'unsafe-inline'",
    "worker-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${site}`,
  ].join("; ");
}
