import { InvalidOptionError } from "../../errors/index.ts";
import { RelayAddressProblem, type RelaySettings, readRelayAddress } from "../../net/index.ts";

/** A relay, and how it is to be spoken to. */
export interface RelayOptions {
  /** Address of the relay: `wisps://host/`, or `wisp://` without TLS; `wss://` and `ws://` mean the same. Any WISP server will do. */
  readonly relay: string | URL;
  /** What the relay is to know us by, a JWT; or a function that gives a fresh one each time. @default none: the relay takes anybody */
  readonly token?: string | (() => string | Promise<string>);
  /** Take a relay without TLS that is not on this computer. Everything but TLS of the guest's own can then be read on the way. @default false */
  readonly allowPlain?: boolean;
}

/** Options of a machine's network: a relay, a LAN, or both. */
export interface NetworkOptions extends Partial<RelayOptions> {
  /**
   * Name of a LAN, 1 to 64 letters, digits, dots, dashes and underlines. Machines of the same site (in Node: of the same process) that name the same one reach each
   * other at their addresses, `session.network.lanAddress`; each has its own way to the outside. @default none: no machine reaches another
   */
  readonly lan?: string;
}

/** Options of `connect`. */
export interface ConnectOptions {
  /** Longest wait for the guest's answer, in ms. @default 30000 */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError; a connection that is there is reset. */
  readonly signal?: AbortSignal;
}

/** Options of `fetch`; what a `Request` has they overrule. */
export interface FetchInit {
  /** @default "GET" */
  readonly method?: string;
  /** @default none but `host`, and what belongs to the body */
  readonly headers?: HeadersInit;
  /** A stream is sent as it comes. @default none */
  readonly body?: BodyInit | null;
  /** Longest wait for the head of the answer, in ms; its body takes as long as it takes. @default 30000 */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError, and ends the body. */
  readonly signal?: AbortSignal;
}

/** Options of `capture`. */
export interface CaptureOptions {
  /** Ends the capture. */
  readonly signal?: AbortSignal;
}

/** How the way to the relay stands. */
export interface NetworkStatus {
  /**
   * `off`: no relay was given; `connecting`; `online`; `refused`: the relay does not want us; `lost`: it cannot be reached, or the connection broke, which
   * has reset all connections of the guest.
   */
  readonly state: "off" | "connecting" | "online" | "refused" | "lost";
  /** Why it is `refused` or `lost`, for a person; otherwise `null`. */
  readonly reason: string | null;
  /** The relay's code for a refusal, such as `token-expired`; otherwise `null`. */
  readonly code: string | null;
  /** When it is tried again, in ms from the event on; `null`: not by itself. */
  readonly retryInMs: number | null;
}

const RELAY_KEYS = ["relay", "token", "allowPlain"];

/** @throws InvalidOptionError */
export function checkNetwork(options: NetworkOptions): void {
  checkNames(options, [...RELAY_KEYS, "lan"]);
  const { lan, ...relay } = options;
  if (lan !== undefined && (typeof lan !== "string" || !/^[A-Za-z0-9._-]{1,64}$/.test(lan)))
    throw new InvalidOptionError("network.lan", "must be 1 to 64 letters, digits, dots, dashes and underlines");
  if (lan === undefined || Object.values(relay).some((value) => value !== undefined)) checkRelay(relay as RelayOptions);
}

/** @throws InvalidOptionError */
export function checkRelay(options: RelayOptions): void {
  checkNames(options, RELAY_KEYS);
  const { relay, token } = options;
  if (typeof relay !== "string" && !(relay instanceof URL))
    throw new InvalidOptionError("network.relay", "must be the address of a relay");
  if (token !== undefined && typeof token !== "string" && typeof token !== "function")
    throw new InvalidOptionError("network.token", "must be a string, or a function that gives one");
  if (typeof token === "string") checkToken(token);
  try {
    readRelayAddress(String(relay), options.allowPlain ?? false);
  } catch (error) {
    if (error instanceof RelayAddressProblem) throw new InvalidOptionError("network.relay", error.message);
    throw error;
  }
}

function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("network", "must be an object");
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new InvalidOptionError(`network.${key}`, `unknown option; known: ${known.join(", ")}`);
}

/** WHY: it goes into a header. @throws InvalidOptionError */
export function checkToken(token: unknown): asserts token is string {
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,16384}$/.test(token))
    throw new InvalidOptionError("network.token", "must be 1 to 16384 printable characters without spaces");
}

/** `null`: there is none. */
export function relayOf({ relay, allowPlain = false }: NetworkOptions): RelaySettings | null {
  return relay === undefined ? null : { url: String(relay), allowPlain };
}

/** The token for the relay as it is now. `isFinal`: it will be the same the next time. @throws InvalidOptionError */
export async function tokenOf({
  token,
}: NetworkOptions): Promise<{ readonly token: string | null; readonly isFinal: boolean }> {
  const value = typeof token === "function" ? await token() : (token ?? null);
  if (value !== null) checkToken(value);
  return { token: value, isFinal: typeof token !== "function" };
}

/** @throws InvalidOptionError */
export function checkPort(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new InvalidOptionError("port", `must be a whole number from 1 to 65535, not ${String(port)}`);
}

export const DEFAULT_CONNECT_MS = 30_000;
