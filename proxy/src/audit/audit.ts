import { createHash } from "node:crypto";
import type { Outcome } from "../streams/stream.ts";

/** What is known of a stream when it is written down. */
export interface StreamRecord {
  readonly session: string;
  readonly subject: string;
  readonly client: string;
  readonly stream: number;
  readonly protocol: "tcp" | "udp" | "dns";
  readonly host: string;
  readonly port: number;
  address: string | null;
  /** A rule that is only reported. */
  violation: string | null;
  readonly startedAt: number;
}

export interface AuditSettings {
  /** How destinations are written: as they are, as a hash, or not at all. */
  readonly hosts: "full" | "hash" | "none";
}

/** One line of JSON for each thing that is worth keeping. Tokens, paths and contents are never in it. */
export class Audit {
  readonly #settings: AuditSettings;
  readonly #write: (line: string) => void;

  constructor(settings: AuditSettings, write: (line: string) => void) {
    this.#settings = settings;
    this.#write = write;
  }

  /** The relay's own events. */
  event(event: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#line(event, details);
  }

  streamOpened(record: StreamRecord): void {
    this.#line("stream-open", this.#details(record));
  }

  /** A stream has ended; one that was never opened has no address. */
  streamClosed(record: StreamRecord, outcome: Outcome, bytes: { readonly up: number; readonly down: number }): void {
    const durationMs = Math.round(performance.now() - record.startedAt);
    this.#line("stream-close", {
      ...this.#details(record),
      up: bytes.up,
      down: bytes.down,
      durationMs,
      reason: outcome,
    });
  }

  #details({ session, subject, client, stream, protocol, host, port, address, violation }: StreamRecord) {
    const destination = { host: this.#redacted(host), port, address: address && this.#redacted(address) };
    return { session, subject, client, stream, protocol, ...destination, ...(violation && { violation }) };
  }

  #redacted(text: string): string | null {
    if (this.#settings.hosts === "none") return null;
    if (this.#settings.hosts === "hash") return createHash("sha256").update(text).digest("hex").slice(0, 16);
    return text;
  }

  #line(event: string, details: Readonly<Record<string, unknown>>): void {
    const line = JSON.stringify({ time: new Date().toISOString(), event, ...details });
    // WHY: a terminal that shows the log obeys control characters, of which JSON escapes only the first 32, and shows what looks like another name.
    this.#write(`${line.replace(/[\u007f-\uffff]/g, escaped)}\n`);
  }
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
