// wisp-js comes without types: the part that the tests use.
declare module "@mercuryworkshop/wisp-js/server" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";
  export const server: { routeRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void };
  export const logging: { readonly NONE: number; set_level(level: number): void };
}

declare module "@mercuryworkshop/wisp-js/client" {
  export interface ClientStream {
    onmessage: (bytes: Uint8Array) => void;
    onclose: (reason: number) => void;
    send(bytes: Uint8Array): void;
    close(reason?: number): void;
  }
  export class ClientConnection {
    constructor(url: string, options?: { wisp_version?: 1 | 2 });
    readonly wisp_version: 1 | 2;
    onopen: () => void;
    onclose: () => void;
    create_stream(host: string, port: number, type?: "tcp" | "udp"): ClientStream;
    close(): void;
  }
  export const client: { readonly ClientConnection: typeof ClientConnection };
}
