import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join, normalize } from "node:path";
import type { Readable } from "node:stream";
import { digest } from "../../support/bulk.ts";
import type { Identity } from "./certificates.ts";
import { send } from "./content.ts";

const BYTES = /^\/bytes\/(\d+)$/;

/**
 * A web site on ports 80 and 443 of one address: `/` says who was asked for and how, `/bytes/N` is N bytes, what is PUT is answered with its size and SHA-256,
 * `/git/` is git's own server, all else are files.
 */
export class WebSite {
  readonly #servers: { close(): void; closeAllConnections(): void }[] = [];
  readonly #files: string;

  private constructor(files: string) {
    this.#files = files;
  }

  static async open(address: string, identity: Identity, files: string): Promise<WebSite> {
    const site = new WebSite(files);
    const answer = (scheme: string) => (request: IncomingMessage, response: ServerResponse) => {
      site.#answer(scheme, request, response).catch(() => response.destroy());
    };
    const plain = createServer(answer("http"));
    const secure = createTlsServer({ key: identity.key, cert: identity.cert }, answer("https"));
    for (const [server, port] of [
      [plain, 80],
      [secure, 443],
    ] as const) {
      server.listen(port, address);
      await once(server, "listening");
      site.#servers.push(server);
    }
    return site;
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #answer(scheme: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", "http://site/");
    const size = Number(BYTES.exec(pathname)?.[1] ?? Number.NaN);
    if (pathname === "/") response.end(`${scheme} ${request.headers.host}\n`);
    else if (!Number.isNaN(size)) {
      response.setHeader("content-length", size);
      await send(response, size);
      response.end();
    } else if (request.method === "PUT") response.end(`${await digest(request)}\n`);
    else if (pathname.startsWith("/git/")) git(this.#files, pathname, search, request, response);
    else await this.#file(pathname, response);
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const file = join(this.#files, normalize(path));
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) response.writeHead(404).end();
    else createReadStream(file).pipe(response.setHeader("content-length", found.size));
  }
}

/** Git's server is a CGI program. */
function git(files: string, path: string, search: string, request: IncomingMessage, response: ServerResponse): void {
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: files,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"],
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      REMOTE_ADDR: "0.0.0.0",
    },
  });
  request.pipe(child.stdin);
  void answerOf(child.stdout, response);
}

async function answerOf(output: Readable, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of output as AsyncIterable<Buffer>) pieces.push(piece);
  const all = Buffer.concat(pieces);
  const end = all.indexOf("\r\n\r\n");
  for (const line of all.subarray(0, end).toString().split("\r\n")) {
    const [name = "", value = ""] = line.split(": ");
    if (name === "Status") response.statusCode = Number(value.split(" ")[0]);
    else response.setHeader(name, value);
  }
  response.end(all.subarray(end + 4));
}
