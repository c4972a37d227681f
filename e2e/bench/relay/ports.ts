/** Where the server behind the relays listens; the relays are told to let these ports through. WHY below 32768: above it a client could have one. */
export const PORTS = { send: 22_101, swallow: 22_102, echo: 22_103 } as const;
