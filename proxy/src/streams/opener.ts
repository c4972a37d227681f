import { RESOLVER_HOST, RESOLVER_PORT, STREAM_TYPE } from "warmboot/wisp";
import type { Audit, StreamRecord } from "../audit/audit.ts";
import type { NameService } from "../dns/service.ts";
import { StreamError } from "../errors.ts";
import type { Policy } from "../policy/policy.ts";
import type { Session } from "../session.ts";
import type { Connector } from "../upstream/connector.ts";
import type { Receive } from "../upstream/dial.ts";
import { DnsStream } from "./dns-stream.ts";
import type { Stream, StreamHost } from "./stream.ts";
import { TcpStream } from "./tcp-stream.ts";
import { UdpStream } from "./udp-stream.ts";

/** What a CONNECT asks for. */
export interface StreamRequest {
  readonly streamType: number;
  readonly host: string;
  readonly port: number;
}

export interface OpenerServices {
  readonly policy: Policy;
  readonly connector: Connector;
  /** `null`: the relay does not answer questions. */
  readonly names: NameService | null;
  readonly audit: Audit;
}

/** Makes the stream that a CONNECT asks for, by all the rules. */
export class StreamOpener {
  readonly #services: OpenerServices;

  constructor(services: OpenerServices) {
    this.#services = services;
  }

  /** What the stream is, or `null` when the type is none, or not one that was agreed on. */
  protocol(
    { streamType, host, port }: StreamRequest,
    features: StreamHost["features"],
  ): StreamRecord["protocol"] | null {
    if (streamType === STREAM_TYPE.UDP) return features.udp ? "udp" : null;
    if (streamType !== STREAM_TYPE.TCP) return null;
    return features.resolver && host === RESOLVER_HOST && port === RESOLVER_PORT ? "dns" : "tcp";
  }

  open(request: StreamRequest, record: StreamRecord, session: Session, host: StreamHost): Stream {
    const { names, audit } = this.#services;
    switch (record.protocol) {
      case "dns": {
        if (!names) throw new StreamError("host-denied", "there is no resolver");
        audit.streamOpened(record);
        return new DnsStream(host, {
          answer: (question, signal) => names.answer(question, signal),
          mayAsk: () => session.mayAsk(),
        });
      }
      case "udp":
        return new UdpStream(host, async (signal) => {
          const [address] = await this.#addresses(request, record, session, signal);
          if (address === undefined) throw new StreamError("name-unresolved", "the name has no address");
          record.address = address;
          audit.streamOpened(record);
          return { address, port: request.port };
        });
      default:
        return new TcpStream(host, (receive, signal) => this.#connect(request, record, session, receive, signal));
    }
  }

  async #connect(
    request: StreamRequest,
    record: StreamRecord,
    session: Session,
    receive: Receive,
    signal: AbortSignal,
  ) {
    const addresses = await this.#addresses(request, record, session, signal);
    const socket = await this.#services.connector.connect(addresses, request.port, receive, signal);
    record.address = socket.remoteAddress ?? null;
    this.#services.audit.streamOpened(record);
    return socket;
  }

  async #addresses(request: StreamRequest, record: StreamRecord, session: Session, signal: AbortSignal) {
    const { policy, connector } = this.#services;
    const protocol = record.protocol === "udp" ? "udp" : "tcp";
    if (!(await session.mayConnect())) throw new StreamError("limit-connects", "too many connections in one minute");
    const host = policy.parseHost(request.host);
    record.violation = policy.checkDestination(host, request.port, protocol)?.code ?? null;
    return connector.addresses(host, request.port, protocol, session.lookups, signal);
  }
}
