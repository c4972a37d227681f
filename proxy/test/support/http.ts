import { request as httpRequest } from "node:http";
import type { TestRelay } from "./relay.ts";

/** What the relay answers, as far as it is looked at. */
export interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly ticket?: string;
  readonly path?: string;
  readonly headers: Headers;
}

/** Asks for a ticket. */
export async function ask(of: TestRelay, headers: Record<string, string> = {}, method = "POST"): Promise<Answer> {
  const response = await fetch(`${of.httpUrl}/ticket`, { method, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, ...(text && (JSON.parse(text) as object)) };
}

export const askWith = async (of: TestRelay, jwt: string | Promise<string>) =>
  ask(of, { Authorization: `Bearer ${await jwt}` });

/** The status of an upgrade that is not one, or 101. */
export function upgrade(of: TestRelay, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      port: of.port,
      path,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    outgoing.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    outgoing.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
