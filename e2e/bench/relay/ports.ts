/** Where the server behind the relays listens; the relays are told to let these ports through. */
export const PORTS = { send: 42_101, swallow: 42_102, echo: 42_103 } as const;
