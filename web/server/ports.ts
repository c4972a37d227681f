/** Serves the origins of ports, on this computer: the page of ours and its worker, and nothing of the site. */
import sirv from "sirv";
import type { Handler } from "./images.ts";
import { portsPolicy } from "./port-rules.ts";

/** As in ports/shared/address.ts. */
const HOST = /^\d{1,5}-[a-z0-9]{16}\.((?:[a-z0-9-]+\.)*localhost(?::\d+)?)$/;

/** Under which host a host for ports is; `null`: it is none. */
export const portsHost = (host: string | undefined): string | null => HOST.exec(host ?? "")?.[1] ?? null;

/** The handler of hosts such as `8000-….localhost`; others go to `next`. `directory`: the folder `ports` of the build. */
export function portsHandler(directory: string): Handler {
  const files = sirv(directory, { dev: true, etag: true, single: true, ignores: false });
  return (request, response, next) => {
    const site = portsHost(request.headers.host);
    if (site === null) return next();
    response.setHeader("Content-Security-Policy", portsPolicy(`http://${site}`));
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Origin-Agent-Cluster", "?1");
    files(request, response, () => {
      response.writeHead(404).end();
    });
  };
}
