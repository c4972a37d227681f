/** A plain static server, as the cheapest host has it: content types and nothing else. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sirv from "sirv";

export interface StaticServer {
  /** Without a slash at its end. */
  readonly origin: string;
  close(): void;
}

/**
 * Serves folders on a free port of the loopback.
 * @param mounts Folder for each prefix; a prefix begins and ends with a slash, and the longest one that fits is taken.
 * @param headers Sent with everything.
 */
export async function serveStatic(
  mounts: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const handlers = Object.entries(mounts)
    .sort(([a], [b]) => b.length - a.length)
    .map(([prefix, folder]) => [prefix, sirv(folder, { dev: true })] as const);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = request.url ?? "/";
    const [prefix, handler] = handlers.find(([each]) => url.startsWith(each)) ?? [];
    if (!prefix || !handler) {
      response.writeHead(404).end();
      return;
    }
    request.url = url.slice(prefix.length - 1);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
