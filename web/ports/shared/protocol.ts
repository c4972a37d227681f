/** What the parts say to each other: the machine's page, the worker and the documents of the ports' origin. All of it is checked where it arrives. */

type Bytes = Uint8Array<ArrayBuffer>;

/** Why a request has no answer. */
export type Problem =
  /** Nobody listens on the port. */
  | "refused"
  /** Somebody listens, on the guest's loopback only. */
  | "loopback"
  | "timed-out"
  | "reset"
  /** What answers does not speak HTTP. */
  | "not-http"
  /** The machine stands still, is off, or is gone. */
  | "paused"
  | "off"
  /** The page asks for too much at once. */
  | "too-much";

/** Between the page that shows a frame and the document in it, by `postMessage`, with the origin of the other named. */
export type FromFrame =
  /** The worker has no way to the machine. */
  | { readonly warmboot: "link-wanted" }
  /** A document of the guest is shown. */
  | { readonly warmboot: "shown"; readonly path: string; readonly title: string }
  /** A person wants to go to an address that cannot be shown in the frame. */
  | { readonly warmboot: "outside"; readonly url: string }
  /** There is no document of the guest, for a reason that may go away. */
  | { readonly warmboot: "problem"; readonly problem: string };

export type ToFrame =
  /** With a port to the machine. */
  | { readonly warmboot: "link" }
  /** There is reason to believe that it works now. */
  | { readonly warmboot: "try-again" }
  | { readonly warmboot: "reload" | "back" | "forward" };

/** From a document to the worker of its origin. */
export type ToWorker =
  /** With a port to the machine. */
  | { readonly warmboot: "link" }
  /** With a port of its own. */
  | { readonly warmboot: "websocket"; readonly path: string; readonly protocols: readonly string[] }
  | { readonly warmboot: "cookie"; readonly cookie: string };

export type FromWorker =
  /** The worker has a way to the machine. */
  | { readonly warmboot: "linked" }
  | { readonly warmboot: "link-wanted" }
  /** What scripts may see of the cookies. */
  | { readonly warmboot: "cookies"; readonly cookies: string };

/** A request on its way to the guest. The origin, path and referrer are the guest's own. */
export interface GuestRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What the page says where it comes from; `null`: nothing. */
  readonly origin: string | null;
  readonly referrer: string;
  /** Path of the document that scripts see the cookies of. */
  readonly documentPath: string;
}

/** From the worker to the machine's page. */
export type ToMachine =
  /** With a port for the answer. A body of bytes has a length; a stream is sent as it comes. */
  | { readonly type: "request"; readonly request: GuestRequest; readonly body: Bytes | ReadableStream<Bytes> | null }
  /** With the port of the document's WebSocket. */
  | { readonly type: "websocket"; readonly path: string; readonly protocols: readonly string[] }
  | { readonly type: "cookie"; readonly path: string; readonly cookie: string };

/** From the machine's page to the worker: it has nothing for it any more. */
export interface FromMachine {
  readonly type: "closing";
}

/** By the port of one request. */
export type AnswerMessage =
  /** The request has arrived; the answer may take its time. */
  | { readonly type: "taken" }
  | {
      readonly type: "answer";
      readonly status: number;
      readonly statusText: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: ReadableStream<Bytes> | null;
      /** What scripts of the document may see of the cookies. */
      readonly cookies: string;
    }
  | { readonly type: "failed"; readonly problem: Problem; readonly detail: string };

/** By the port of one WebSocket, from the document. */
export type ToSocket =
  | { readonly type: "send"; readonly data: string | ArrayBuffer }
  | { readonly type: "close"; readonly code: number | null; readonly reason: string }
  /** That many bytes of messages were taken. */
  | { readonly type: "took"; readonly bytes: number };

export type FromSocket =
  | { readonly type: "open"; readonly protocol: string }
  | { readonly type: "message"; readonly data: string | ArrayBuffer }
  /** That many bytes are on their way. */
  | { readonly type: "sent"; readonly bytes: number }
  | { readonly type: "closed"; readonly code: number; readonly reason: string; readonly wasClean: boolean };

/** Files of ours at the ports' origin; the guest's server has none of these names. */
export const WORKER_FILE = "/warmboot-ports-worker.js";
export const PAGE_FILE = "/warmboot-ports-page.js";

/** Something that came by `postMessage`, if it is one of ours. */
export function ours<T extends { readonly warmboot: string }>(data: unknown): T | null {
  return typeof data === "object" && data !== null && typeof (data as { warmboot?: unknown }).warmboot === "string"
    ? (data as T)
    : null;
}
