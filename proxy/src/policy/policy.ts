import { StreamError, type StreamErrorCode } from "../errors.ts";
import { AddressRanges, canonicalAddress, isPublicAddress, unmapped } from "./address.ts";
import { type Host, parseHost } from "./host.ts";
import { NameList } from "./names.ts";
import { OwnAddresses } from "./own-addresses.ts";

/** What the operator decides; see the configuration reference. */
export interface PolicySettings {
  readonly mode: "enforce" | "report";
  readonly ports: readonly number[];
  readonly udpPorts: readonly number[];
  readonly allowHosts: readonly string[];
  readonly denyHosts: readonly string[];
  readonly directAddresses: "allow" | "deny";
  readonly allowAddresses: readonly { readonly range: string; readonly ports: readonly number[] }[];
  readonly denyAddresses: readonly string[];
  readonly ownAddresses: readonly string[];
}

/** A rule that was broken; in report mode the stream is opened all the same. */
export interface Violation {
  readonly code: StreamErrorCode;
  readonly message: string;
}

/** Decides what may be reached. Rules about names and ports may only be reported; the rule about addresses always holds. */
export class Policy {
  readonly #mode: PolicySettings["mode"];
  readonly #ports: { readonly tcp: ReadonlySet<number>; readonly udp: ReadonlySet<number> };
  readonly #allow: NameList;
  readonly #deny: NameList;
  readonly #directAddresses: PolicySettings["directAddresses"];
  readonly #allowed: readonly { readonly ranges: AddressRanges; readonly ports: ReadonlySet<number> }[];
  readonly #denied: AddressRanges;
  readonly #own: OwnAddresses;

  constructor(settings: PolicySettings) {
    this.#mode = settings.mode;
    this.#ports = { tcp: new Set(settings.ports), udp: new Set(settings.udpPorts) };
    this.#allow = new NameList(settings.allowHosts);
    this.#deny = new NameList(settings.denyHosts);
    this.#directAddresses = settings.directAddresses;
    this.#allowed = settings.allowAddresses.map(({ range, ports }) => ({
      ranges: new AddressRanges([range]),
      ports: new Set(ports),
    }));
    this.#denied = new AddressRanges(settings.denyAddresses);
    this.#own = new OwnAddresses(settings.ownAddresses);
  }

  get allowsUdp(): boolean {
    return this.#ports.udp.size > 0;
  }

  /** Tells the relay's own ports, to which no rule ever lets a stream. */
  setListeningPorts(ports: readonly number[]): void {
    this.#own.setListeningPorts(ports);
  }

  /** Reads the host. @throws StreamError host-malformed */
  parseHost(text: string): Host {
    const host = parseHost(text);
    if (host === null) throw new StreamError("host-malformed", "the host is neither a full name nor an address");
    return host;
  }

  /**
   * Checks name and port, before anything is looked up.
   * @returns in report mode the rule that was broken, `null` for none.
   * @throws StreamError when the rule is enforced
   */
  checkDestination(host: Host, port: number, protocol: "tcp" | "udp"): Violation | null {
    const violation = this.#portViolation(host, port, protocol) ?? this.nameViolation(host);
    if (violation && this.#mode === "enforce") throw new StreamError(violation.code, violation.message);
    // WHY: port 0 is no destination in any mode.
    if (port === 0) throw new StreamError("port-denied", "port 0 is not a destination");
    return violation;
  }

  /** The rule about names that the host breaks, `null` for none. */
  nameViolation(host: Host): Violation | null {
    const name = host.type === "name" ? host.name : host.address;
    if (this.#deny.includes(name)) return { code: "host-denied", message: "the host is on the deny list" };
    if (!this.#allow.isEmpty)
      return this.#allow.includes(name) ? null : { code: "host-denied", message: "the host is not on the allow list" };
    if (host.type === "address" && this.#directAddresses === "deny")
      return { code: "host-denied", message: "a destination must be a name, not an address" };
    return null;
  }

  /** Whether a name that is asked of the resolver may be. */
  allowsName(name: string): boolean {
    return this.#mode === "report" || this.nameViolation({ type: "name", name }) === null;
  }

  /** Whether the resolver may tell that a name has this address. */
  allowsAnswer(address: string): boolean {
    if (this.#denied.includes(address)) return false;
    return isPublicAddress(address) || this.#allowed.some(({ ranges }) => ranges.includes(address));
  }

  #portViolation(host: Host, port: number, protocol: "tcp" | "udp"): Violation | null {
    if (this.#ports[protocol].has(port)) return null;
    if (host.type === "address" && protocol === "tcp" && this.#isAllowed(host.address, port)) return null;
    // A name may lead to an allowed range with ports of its own: that is decided when its addresses are known.
    if (host.type === "name" && protocol === "tcp" && this.#allowed.some(({ ports }) => ports.has(port))) return null;
    return { code: "port-denied", message: `port ${port} is not allowed` };
  }

  /**
   * Checks the addresses that a connection may be made to: all must be public, or in a range that the operator opened.
   * @returns them in one spelling
   * @throws StreamError address-denied, port-denied
   */
  checkAddresses(addresses: readonly string[], port: number, protocol: "tcp" | "udp"): string[] {
    return addresses.map((text) => this.#checkAddress(text, port, protocol));
  }

  #checkAddress(text: string, port: number, protocol: "tcp" | "udp"): string {
    const address = canonicalAddress(text);
    if (address === null || this.#own.isListening(address, port)) throw denied();
    if (this.#denied.includes(unmapped(address))) throw denied();
    if (protocol === "tcp" && this.#isAllowed(address, port)) return address;
    if (!isPublicAddress(address) || this.#own.includes(address)) throw denied();
    if (this.#mode === "enforce" && !this.#ports[protocol].has(port))
      throw new StreamError("port-denied", `port ${port} is not allowed`);
    return address;
  }

  #isAllowed(address: string, port: number): boolean {
    return this.#allowed.some(({ ranges, ports }) => ports.has(port) && ranges.includes(address));
  }
}

// WHY: the message does not say which address: an attacker would learn the relay's networks from it.
const denied = () => new StreamError("address-denied", "the host does not lead to a public address");
