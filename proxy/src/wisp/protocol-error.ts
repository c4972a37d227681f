/** Thrown for what breaks the protocol: it ends the connection. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}
