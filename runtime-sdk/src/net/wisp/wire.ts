/** Numbers of the WISP protocol, versions 1.2 and 2 (draft 6), and of the extensions that our gateway and our relay add. Little-endian throughout. */

/** First byte of a frame. */
export const PACKET = { CONNECT: 0x01, DATA: 0x02, CONTINUE: 0x03, CLOSE: 0x04, INFO: 0x05 } as const;

/** First byte of CONNECT's payload. */
export const STREAM_TYPE = { TCP: 0x01, UDP: 0x02 } as const;

/** Payload of CLOSE. */
export const CLOSE_REASON = {
  UNKNOWN: 0x01,
  VOLUNTARY: 0x02,
  NETWORK_ERROR: 0x03,
  INCOMPATIBLE_EXTENSIONS: 0x04,
  /** The server's: what the client sent makes no sense. */
  INVALID_INFO: 0x41,
  /** The server's: no route, or a name without an address. */
  UNREACHABLE: 0x42,
  /** The server's: the connection was not answered in time. */
  TIMED_OUT: 0x43,
  REFUSED: 0x44,
  TRANSFER_TIMEOUT: 0x47,
  /** The server's: its policy forbids the destination. */
  BLOCKED: 0x48,
  /** The server's: a limit is reached. */
  THROTTLED: 0x49,
  /** The client's own failure. */
  CLIENT_ERROR: 0x81,
  PASSWORD_REFUSED: 0xc0,
  SIGNATURE_REFUSED: 0xc1,
  CREDENTIALS_REQUIRED: 0xc2,
} as const;

/** Ids of version 2's extensions. */
export const EXTENSION = {
  /** No payload. Without it version 2 has no UDP. */
  UDP: 0x01,
  PASSWORD: 0x02,
  KEY: 0x03,
  /** The server's message to people, UTF-8. */
  MOTD: 0x04,
  /** No payload. The server sends CONTINUE on a stream when it is connected. */
  STREAM_OPEN: 0x05,
  /**
   * Ours. `u32`: from the client, the bytes that the server may send on each new TCP stream; from the server, the most it takes. The client
   * grants more by CONTINUE on the stream, `u32` bytes in addition.
   */
  BYTE_CREDIT: 0xf0,
  /** Ours, no payload. A TCP stream to `RESOLVER_HOST`, port 53, is answered by the server's resolver, framed as DNS over TCP (RFC 7766). */
  RESOLVER: 0xf1,
  /** Ours, no payload. DATA without a payload ends its direction of the stream; both ended, or CLOSE, end the stream. */
  HALF_CLOSE: 0xf2,
} as const;

/** RFC 9462's name for "the resolver that I am using". */
export const RESOLVER_HOST = "resolver.arpa";
export const RESOLVER_PORT = 53;

/** The WebSocket subprotocol that offers version 2, and the versions of INFO. */
export const SUBPROTOCOL_V2 = "wisp-v2";
export const VERSION = { major: 2, minor: 0 } as const;

/** Codes with which our relay closes the WebSocket. */
export const SOCKET_CLOSE = {
  PROTOCOL_ERROR: 1002,
  TEXT_FRAME: 1003,
  TOO_BIG: 1009,
  RESTARTING: 1012,
  CREDENTIALS_EXPIRED: 4401,
  LIMIT: 4429,
} as const;

/** Stream 0 is the connection itself. */
export const CONNECTION_STREAM = 0;
/** Type and stream. */
export const HEADER_BYTES = 5;
/** The most of one DATA frame that our gateway and our relay send or take. */
export const MAX_DATA_BYTES = 64 * 1024;
export const MAX_FRAME_BYTES = HEADER_BYTES + MAX_DATA_BYTES;
/** A name of the DNS has at most 253 characters; one dot may follow. */
export const MAX_HOST_BYTES = 254;
/** The most extensions of an INFO, and bytes of one. */
export const MAX_EXTENSIONS = 32;
export const MAX_EXTENSION_BYTES = 4096;
