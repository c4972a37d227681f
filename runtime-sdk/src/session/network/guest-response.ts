import type { HttpHead } from "./http-reader.ts";

/** The answer of a server in the guest. */
export class GuestResponse extends Response {
  /** The `Set-Cookie` headers, each as it came: a browser leaves them out of a Response's headers. */
  readonly setCookies: readonly string[];

  /** @internal */
  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>> | null, head: HttpHead) {
    super(body, head);
    this.setCookies = head.headers.getSetCookie();
  }
}
