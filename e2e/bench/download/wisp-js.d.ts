/** What the benchmark uses of a package that has no types. */
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
