import { decodeU32, EXTENSION, type Extensions, encodeU32 } from "warmboot/wisp";

/** What both ends agreed on. */
export interface Features {
  readonly version: 1 | 2;
  /** The bytes that each new stream may carry to the client before it grants more; `null`: it does not grant. */
  readonly initialCredit: number | null;
  readonly streamOpen: boolean;
  readonly resolver: boolean;
  readonly halfClose: boolean;
  readonly udp: boolean;
}

export interface OfferOptions {
  readonly maxCredit: number;
  readonly resolver: boolean;
  readonly udp: boolean;
}

const NOTHING = new Uint8Array(0);

/** Of version 1, which says no word about itself; UDP is a part of it. */
export const versionOne = ({ udp }: OfferOptions): Features => ({
  version: 1,
  initialCredit: null,
  streamOpen: false,
  resolver: false,
  halfClose: false,
  udp,
});

/** The extensions that the relay offers. */
export function offer({ maxCredit, resolver, udp }: OfferOptions): Extensions {
  return new Map([
    ...(udp ? [[EXTENSION.UDP, NOTHING] as const] : []),
    [EXTENSION.STREAM_OPEN, NOTHING],
    [EXTENSION.BYTE_CREDIT, encodeU32(maxCredit)],
    ...(resolver ? [[EXTENSION.RESOLVER, NOTHING] as const] : []),
    [EXTENSION.HALF_CLOSE, NOTHING],
  ]);
}

/** What holds after the client's answer to the offer; `null` when its answer is malformed. */
export function agree(options: OfferOptions, answer: Extensions): Features | null {
  const credit = answer.get(EXTENSION.BYTE_CREDIT);
  const initialCredit = decodeU32(credit);
  if (credit && initialCredit === null) return null;
  return {
    version: 2,
    initialCredit: initialCredit === null ? null : Math.min(initialCredit, options.maxCredit),
    streamOpen: answer.has(EXTENSION.STREAM_OPEN),
    resolver: options.resolver && answer.has(EXTENSION.RESOLVER),
    halfClose: answer.has(EXTENSION.HALF_CLOSE),
    udp: options.udp && answer.has(EXTENSION.UDP),
  };
}
