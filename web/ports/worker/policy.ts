/** What the guest's server says of its documents, for a document that is shown in a frame at another address. */

type Header = readonly [name: string, value: string];

export interface Framing {
  /** The site, which may show the document in a frame. */
  readonly site: string;
  /** Of our script in the document, as a policy names it. */
  readonly scriptHash: string;
}

/** They are about the connection to the server, or would take our worker away. */
const DROPPED = new Set([
  "x-frame-options",
  "strict-transport-security",
  "clear-site-data",
  "content-length",
  "refresh",
]);

/** The headers of an answer. Its policy goes on holding, but for who may show it, and for our script. */
export function framedHeaders(headers: readonly Header[], { site, scriptHash }: Framing): Headers {
  const framed = new Headers();
  for (const [name, value] of headers) {
    if (DROPPED.has(name)) continue;
    framed.append(name, name === "content-security-policy" ? framedPolicy(value, scriptHash) : value);
  }
  // WHY: a site of the same domain must not share a process with the guest's pages.
  framed.set("origin-agent-cluster", "?1");
  framed.append("content-security-policy", `frame-ancestors ${site} 'self'`);
  return framed;
}

/** One or more policies, with a comma between them. */
export function framedPolicy(policies: string, scriptHash: string): string {
  return policies
    .split(",")
    .map((policy) => onePolicy(policy, scriptHash))
    .join(", ");
}

function onePolicy(policy: string, scriptHash: string): string {
  const directives = policy
    .split(";")
    .map((directive) => directive.trim().split(/\s+/))
    .filter(([name = ""]) => name !== "" && name.toLowerCase() !== "frame-ancestors");
  const named = (name: string) => directives.find(([each = ""]) => each.toLowerCase() === name);
  const scripts = named("script-src-elem") ?? named("script-src") ?? named("default-src");
  if (scripts && !allowsInline(scripts)) {
    const none = scripts.findIndex((source) => source.toLowerCase() === "'none'");
    if (none > 0) scripts.splice(none, 1);
    scripts.push(`'${scriptHash}'`);
  }
  return directives.map((directive) => directive.join(" ")).join("; ");
}

/** WHY: a hash makes 'unsafe-inline' void, and the document's own scripts with it. */
function allowsInline(sources: readonly string[]): boolean {
  return (
    sources.some((source) => source.toLowerCase() === "'unsafe-inline'") &&
    !sources.some((source) => /^'(nonce-|sha\d+-|strict-dynamic)/i.test(source))
  );
}
