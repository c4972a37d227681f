/** What tests and benchmarks use of a package that has no types. */
declare module "@mercuryworkshop/wisp-js/server" {
  export const logging: { readonly NONE: number; set_level(level: number): void };
  export const server: {
    readonly options: Record<string, unknown>;
    routeRequest(
      request: import("node:http").IncomingMessage,
      socket: import("node:stream").Duplex,
      head: Buffer,
    ): void;
  };
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
