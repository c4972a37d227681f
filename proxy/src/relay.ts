import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Redis } from "ioredis";
import { MAX_FRAME_BYTES, SOCKET_CLOSE, SUBPROTOCOL_V2 } from "warmboot/wisp";
import { WebSocketServer } from "ws";
import { Audit } from "./audit/audit.ts";
import { openKeys } from "./auth/keys.ts";
import { RevocationFile, type Revocations, SharedRevocations } from "./auth/revocations.ts";
import { Tickets } from "./auth/tickets.ts";
import { TokenVerifier } from "./auth/tokens.ts";
import { RevocationWatch } from "./auth/watch.ts";
import { ConfigError } from "./config/errors.ts";
import type { Config } from "./config/schema.ts";
import { Forwarder } from "./dns/forwarder.ts";
import { SystemResolver } from "./dns/resolver.ts";
import { NameService } from "./dns/service.ts";
import { Refusal } from "./errors.ts";
import { createFront, reloadCertificate } from "./http/front.ts";
import { createOperations } from "./http/operations.ts";
import { Origins } from "./http/origins.ts";
import { Routes } from "./http/routes.ts";
import { Admission, type Admitted } from "./limits/admission.ts";
import { type Leases, LocalLeases, SharedLeases } from "./limits/leases.ts";
import { Rates } from "./limits/rates.ts";
import { openRedis } from "./limits/redis.ts";
import { RelayMetrics } from "./metrics.ts";
import { AddressRanges } from "./policy/address.ts";
import { Policy } from "./policy/policy.ts";
import { connectionSettings } from "./settings.ts";
import { StreamOpener } from "./streams/opener.ts";
import { Connector } from "./upstream/connector.ts";
import { dial } from "./upstream/dial.ts";
import { Connection } from "./wisp/connection.ts";

/** WHY: a message comes in a few frames at most; each one more costs memory and time that the client chooses. */
const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 1024;
const DRAIN_CHECK_MS = 100;
/** What a client that is turned away gets to say goodbye. */
const REFUSED_GRACE_MS = 2000;
/** How often it is written down that a list of revocations cannot be read. */
const UNKNOWN_AUDITED_MS = 10_000;

/** Where a relay listens. */
export interface RelayAddress {
  readonly port: number;
  /** `null`: there is no listener for operations. */
  readonly operationsPort: number | null;
}

/** The relay: built from its configuration, started, drained, closed. */
export class Relay {
  readonly metrics = new RelayMetrics();
  readonly #config: Config;
  readonly #audit: Audit;
  readonly #policy: Policy;
  readonly #redis: Redis | null;
  readonly #leases: Leases;
  readonly #admission: Admission;
  readonly #routes: Routes;
  readonly #opener: StreamOpener;
  readonly #sockets: WebSocketServer;
  readonly #server: Server;
  readonly #operations: Server | null;
  readonly #connections = new Map<Connection, Admitted>();
  #watch: RevocationWatch | null = null;
  #drained: Promise<void> | null = null;
  #isDraining = false;
  #unknownAuditedAt = Number.NEGATIVE_INFINITY;

  /** @param write takes the audit's lines. @throws Error when a file that the configuration names is unusable */
  constructor(config: Config, write: (line: string) => void) {
    this.#config = config;
    this.#audit = new Audit(config.audit, write);
    this.#policy = new Policy(config.policy);
    const isDraining = () => this.#isDraining;
    const prefix = config.redis?.prefix ?? "";
    this.#redis =
      config.redis?.url === undefined ? null : openRedis(config.redis.url, (error) => this.#redisFailed(error));
    const onUnavailable = () => this.metrics.sharedLimitsUnavailable();
    const leaseMs = config.limits.leaseSeconds * 1000;
    this.#leases = this.#redis
      ? new SharedLeases({ redis: this.#redis, prefix, leaseMs, onUnavailable })
      : new LocalLeases();
    this.#admission = new Admission({
      config,
      rates: new Rates({ redis: this.#redis, prefix, onUnavailable }),
      leases: this.#leases,
      revocations: this.#revocations(prefix),
      onUnknownRevocation: (error) => this.#revocationUnknown(error),
    });
    const trustedProxies = new AddressRanges(config.trustedProxies);
    const { jwt } = config.auth;
    this.#routes = new Routes({
      admission: this.#admission,
      tokens: jwt ? new TokenVerifier(jwt, openKeys(jwt)) : null,
      tickets: new Tickets(config.tickets.secret ?? null, config.tickets.lifetimeSeconds),
      origins: new Origins(config.origins, config.requireOrigin),
      trustedProxies,
      metrics: this.metrics,
      isDraining,
    });
    this.#opener = this.#createOpener();
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: MAX_FRAME_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL_V2) ? SUBPROTOCOL_V2 : false),
    });
    this.#server = createFront(config, trustedProxies, {
      request: (request, response) => this.#routes.request(request, response),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      onRefused: ({ code }) => this.metrics.requestRefused(code),
      onError: (error) => this.#audit.event("internal-error", { error: String(error) }),
    });
    this.#operations = config.operations ? createOperations(this.metrics, isDraining) : null;
  }

  /** Listens. @throws ConfigError when it cannot; then nothing is left of it. */
  async start(): Promise<RelayAddress> {
    // WHY: without Redis the relay is worse, not gone.
    await this.#redis?.connect().catch(() => {});
    try {
      return await this.#listen();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #listen(): Promise<RelayAddress> {
    const { listen, operations, auth } = this.#config;
    const port = await this.#listenOn(this.#server, "listen", listen);
    const operationsPort =
      this.#operations && operations ? await this.#listenOn(this.#operations, "operations", operations) : null;
    this.#policy.setListeningPorts(operationsPort === null ? [port] : [port, operationsPort]);
    this.#watch = new RevocationWatch(
      auth.recheckSeconds * 1000,
      () => this.#watched(),
      (identity) => this.#admission.isRevoked(identity),
    );
    this.#audit.event("relay-started", { port, operationsPort });
    return { port, operationsPort };
  }

  /** Reads the certificate anew. */
  reload(): void {
    try {
      reloadCertificate(this.#server, this.#config.listen);
      this.#audit.event("relay-reloaded");
    } catch (error) {
      this.#audit.event("reload-failed", { error: String(error) });
    }
  }

  /** Takes nobody in any more, lets streams end for a while, then closes. Idempotent. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    this.#audit.event("relay-draining", { connections: this.#connections.size });
    this.#server.close();
    for (const connection of this.#connections.keys())
      if (connection.isIdle) connection.close(SOCKET_CLOSE.RESTARTING, "the relay restarts");
    const deadline = performance.now() + this.#config.timeouts.drainSeconds * 1000;
    while (this.#connections.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    await this.close();
  }

  /** Ends everything now. Idempotent. */
  async close(): Promise<void> {
    this.#isDraining = true;
    this.#watch?.close();
    for (const connection of this.#connections.keys()) connection.close(SOCKET_CLOSE.RESTARTING, "the relay restarts");
    const closed = [this.#server, this.#operations].map((server) => server && closeServer(server));
    while (this.#connections.size > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS / 2));
    await Promise.all(closed);
    this.#leases.close();
    this.#redis?.disconnect();
    this.#audit.event("relay-stopped");
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { identity, address } = await this.#routes.upgrade(request);
    // A client that is over its limit is told so on the WebSocket, where a page can read it.
    const admitted = await this.#admission.admit(identity, address).catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (admitted instanceof Refusal) this.metrics.requestRefused(admitted.code);
    else socket.once("close", admitted.release);
    if (socket.destroyed && !(admitted instanceof Refusal)) return admitted.release();
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (admitted instanceof Refusal) {
        webSocket.on("error", () => {});
        webSocket.close(SOCKET_CLOSE.LIMIT, admitted.message);
        setTimeout(() => webSocket.terminate(), REFUSED_GRACE_MS).unref();
        return;
      }
      this.metrics.connectionOpened();
      const { session } = admitted;
      this.#audit.event("connection-open", { session: session.id, subject: session.subject, client: address });
      const connection = new Connection(
        webSocket,
        socket,
        session,
        connectionSettings(this.#config, this.#policy.allowsUdp),
        {
          opener: this.#opener,
          audit: this.#audit,
          metrics: this.metrics,
          isDraining: () => this.#isDraining,
        },
        (code) => {
          this.#connections.delete(connection);
          this.metrics.connectionClosed();
          this.#audit.event("connection-close", {
            session: session.id,
            subject: session.subject,
            client: address,
            code,
          });
        },
      );
      this.#connections.set(connection, admitted);
      if (this.#isDraining) connection.close(SOCKET_CLOSE.RESTARTING, "the relay restarts");
    });
  }

  #createOpener(): StreamOpener {
    const { dns, policy, timeouts } = this.#config;
    const timeoutMs = dns.timeoutSeconds * 1000;
    const resolver = new SystemResolver({ servers: dns.servers, timeoutMs, ipv6: policy.ipv6 });
    const connector = new Connector({
      policy: this.#policy,
      resolver,
      dial,
      nameTimeoutMs: timeoutMs,
      connectTimeoutMs: timeouts.connectSeconds * 1000,
    });
    const forwarder = new Forwarder(dns.servers);
    const names = dns.resolver
      ? new NameService({ policy: this.#policy, resolver, forwarder, types: dns.types, timeoutMs })
      : null;
    return new StreamOpener({ policy: this.#policy, connector, names, audit: this.#audit });
  }

  #revocations(prefix: string): Revocations[] {
    const { revocationsFile } = this.#config.auth;
    return [
      ...(revocationsFile === undefined ? [] : [new RevocationFile(revocationsFile)]),
      ...(this.#redis ? [new SharedRevocations(this.#redis, prefix)] : []),
    ];
  }

  *#watched() {
    for (const [connection, { identity }] of this.#connections)
      yield {
        identity,
        revoke: () => connection.close(SOCKET_CLOSE.CREDENTIALS_EXPIRED, "the access was taken back"),
      };
  }

  #revocationUnknown(error: unknown): void {
    this.metrics.revocationUnknown();
    const now = performance.now();
    if (now - this.#unknownAuditedAt < UNKNOWN_AUDITED_MS) return;
    this.#unknownAuditedAt = now;
    this.#audit.event("revocations-unknown", { error: String(error) });
  }

  #redisFailed(error: Error): void {
    this.metrics.sharedLimitsUnavailable();
    this.#audit.event("redis-failed", { error: (error as NodeJS.ErrnoException).code ?? error.name });
  }

  async #listenOn(server: Server, key: string, { host, port }: { host: string; port: number }): Promise<number> {
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new ConfigError([`${key}: cannot listen on ${host} port ${port}: ${code ?? message}`]);
    }
    // Without descriptors nobody can be taken in, which passes.
    server.on("error", (error) => this.#audit.event("accept-failed", { error: String(error) }));
    return (server.address() as AddressInfo).port;
  }
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
