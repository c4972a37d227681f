// wisp-js comes without types: the part that is used here.
declare module "@mercuryworkshop/wisp-js/server" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";
  export const server: {
    readonly options: object;
    routeRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  };
  export const logging: { readonly NONE: number; set_level(level: number): void };
}
