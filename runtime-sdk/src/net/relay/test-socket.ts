/** A WebSocket to a relay that is played by the test. */
import { decodeFrame, type Frame } from "../wisp/index.ts";
import type { RelaySocket } from "./socket.ts";

export class TestSocket implements RelaySocket {
  binaryType = "";
  bufferedAmount = 0;
  readonly protocol = "";
  onopen = null;
  onmessage: RelaySocket["onmessage"] = null;
  onclose: RelaySocket["onclose"] = null;
  onerror = null;
  /** What the client has sent and the test has not looked at. */
  readonly sent: Frame[] = [];
  isPaused = false;
  closedWith: number | undefined;

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.sent.push(decodeFrame(bytes));
  }
  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }

  /** The relay sends a frame. */
  receive(bytes: Uint8Array | string): void {
    this.onmessage?.({ data: typeof bytes === "string" ? bytes : bytes.slice().buffer });
  }
  /** The relay, or the network, ends the connection. */
  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
  take(): Frame[] {
    return this.sent.splice(0);
  }
}
