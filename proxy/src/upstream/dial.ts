import { connect, type Socket } from "node:net";
import { MAX_DATA_BYTES } from "warmboot/wisp";
import { StreamError, type StreamErrorCode } from "../errors.ts";
import { unmapped } from "../policy/address.ts";

/** Takes what arrived; the bytes are the reader's own only until it returns. False: no more for now. */
export type Receive = (bytes: Uint8Array) => boolean;

/** How a checked address is connected to. */
export type Dial = (
  address: string,
  port: number,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly receive: Receive },
) => Promise<Socket>;

// WHY: reads are handed over at once and copied into their frame, so that one buffer serves every socket, and an idle one costs none.
const READ_BUFFER = Buffer.allocUnsafeSlow(MAX_DATA_BYTES);

const CODES: Readonly<Record<string, StreamErrorCode>> = {
  ECONNREFUSED: "connect-refused",
  ETIMEDOUT: "connect-timeout",
  EHOSTUNREACH: "connect-unreachable",
  ENETUNREACH: "connect-unreachable",
  EADDRNOTAVAIL: "connect-unreachable",
  EACCES: "connect-unreachable",
  EPERM: "connect-unreachable",
};

/**
 * Connects to an address, never to a name, and makes sure of who answered.
 * @returns the socket, paused
 * @throws StreamError; what `signal` was aborted with
 */
export const dial: Dial = (address, port, { timeoutMs, signal, receive }) => {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      autoSelectFamily: false,
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: (size, buffer) => receive(buffer.subarray(0, size)) },
    });
    const fail = (reason: unknown) => {
      settle();
      socket.on("error", () => {});
      socket.destroy();
      reject(reason);
    };
    const onError = (error: NodeJS.ErrnoException) =>
      fail(new StreamError(CODES[error.code ?? ""] ?? "connect-failed", `the connection failed: ${error.code}`));
    const onAbort = () => fail(signal.reason);
    const timer = setTimeout(
      () => fail(new StreamError("connect-timeout", "the destination did not answer in time")),
      timeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.once("connect", () => {
      const peer = unmapped(socket.remoteAddress ?? "");
      if (peer !== unmapped(address))
        return fail(new StreamError("address-denied", "another address answered than the one that was checked"));
      socket.pause();
      settle();
      resolve(socket);
    });
  });
};
