import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { RefusalCode, StreamErrorCode } from "./errors.ts";
import type { Outcome } from "./streams/stream.ts";

type Protocol = "tcp" | "udp" | "dns";

/** What Prometheus reads. Labels are codes of the relay's own: never a host, an address or a subject. */
export class RelayMetrics {
  readonly registry = new Registry();
  readonly #connections = this.#gauge("connections", "WebSockets that are open.");
  readonly #opened = this.#counter("connections_total", "WebSockets that were opened.");
  readonly #streams = this.#gauge("streams", "Streams that are open or opening.", ["protocol"]);
  readonly #ended = this.#counter("streams_total", "Streams that ended, by how.", ["protocol", "outcome"]);
  readonly #streamsRefused = this.#counter("streams_refused_total", "Streams that were not begun.", ["code"]);
  readonly #requestsRefused = this.#counter("requests_refused_total", "Requests and upgrades refused.", ["code"]);
  readonly #tickets = this.#counter("tickets_total", "Tickets that were given.");
  readonly #bytes = this.#counter("bytes_total", "Bytes of streams that ended.", ["direction"]);
  readonly #protocolErrors = this.#counter("protocol_errors_total", "Connections closed for breaking the protocol.");
  readonly #insurance = this.#counter(
    "shared_limits_unavailable_total",
    "Times that a limit was local, Redis being away.",
  );

  readonly #unknownRevocations = this.#counter(
    "revocations_unknown_total",
    "Times that a list of revocations could not be read, and nobody was held to be on it.",
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  connectionOpened(): void {
    this.#connections.inc();
    this.#opened.inc();
  }

  connectionClosed(): void {
    this.#connections.dec();
  }

  streamStarted(protocol: Protocol): void {
    this.#streams.inc({ protocol });
  }

  streamEnded(protocol: Protocol, outcome: Outcome, bytes: { readonly up: number; readonly down: number }): void {
    this.#streams.dec({ protocol });
    this.#ended.inc({ protocol, outcome });
    this.#bytes.inc({ direction: "up" }, bytes.up);
    this.#bytes.inc({ direction: "down" }, bytes.down);
  }

  streamRefused(code: StreamErrorCode): void {
    this.#streamsRefused.inc({ code });
  }

  requestRefused(code: RefusalCode): void {
    this.#requestsRefused.inc({ code });
  }

  ticketGiven(): void {
    this.#tickets.inc();
  }

  protocolError(): void {
    this.#protocolErrors.inc();
  }

  revocationUnknown(): void {
    this.#unknownRevocations.inc();
  }

  sharedLimitsUnavailable(): void {
    this.#insurance.inc();
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[] = []): Counter<T> {
    return new Counter({ name: `warmboot_relay_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge<T extends string>(name: string, help: string, labelNames: T[] = []): Gauge<T> {
    return new Gauge({ name: `warmboot_relay_${name}`, help, labelNames, registers: [this.registry] });
  }
}
