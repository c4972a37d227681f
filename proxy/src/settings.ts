import type { Config } from "./config/schema.ts";
import type { ConnectionSettings } from "./wisp/connection.ts";

/** What a connection needs of the configuration, in its own units. */
export function connectionSettings({ limits, timeouts, dns }: Config, udp: boolean): ConnectionSettings {
  return {
    offer: { maxCredit: limits.maxCreditBytes, resolver: dns.resolver, udp },
    windowPackets: limits.windowPackets,
    bufferBytes: limits.bufferBytes,
    handshakeMs: timeouts.handshakeSeconds * 1000,
    pingMs: timeouts.pingSeconds * 1000,
    pongMs: timeouts.pongSeconds * 1000,
    connectionIdleMs: timeouts.connectionIdleSeconds * 1000,
    connectionLifetimeMs: timeouts.connectionLifetimeSeconds * 1000,
    streams: {
      idleMs: timeouts.streamIdleSeconds * 1000,
      lifetimeMs: timeouts.streamLifetimeSeconds * 1000,
      lingerMs: timeouts.lingerSeconds * 1000,
      lingerBytes: timeouts.lingerBytes,
    },
  };
}
