import type { AnswerMessage, GuestRequest, ToMachine } from "../shared/protocol.ts";
import type { Link, MachineLinks } from "./machine-links.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export type Answer = Exclude<AnswerMessage, { readonly type: "taken" }>;

/** Time that the machine's page has to say that a request arrived; it may have been killed. */
const TAKEN_MS = 5000;
const TRIES = 3;

/** Sends a request to the machine's page. `null`: there is no way to it. `signal`: nobody wants the answer any more. */
export async function exchange(
  links: MachineLinks,
  request: GuestRequest,
  body: Bytes | ReadableStream<Bytes> | null,
  signal: AbortSignal,
): Promise<Answer | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    const link = await links.get();
    if (!link) return null;
    const answer = await ask(link, request, body, signal);
    if (answer) return answer;
    links.drop(link);
    // It went with the link.
    if (body instanceof ReadableStream) break;
  }
  return null;
}

/** `null`: nobody took it. @throws AbortError */
function ask(
  link: Link,
  request: GuestRequest,
  body: Bytes | ReadableStream<Bytes> | null,
  signal: AbortSignal,
): Promise<Answer | null> {
  const { port1: reply, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    const end = (answer: Answer | null) => {
      clearTimeout(timer);
      link.gone.signal.removeEventListener("abort", onGone);
      resolve(answer);
    };
    const onGone = () => end(null);
    const timer = setTimeout(onGone, TAKEN_MS);
    link.gone.signal.addEventListener("abort", onGone, { once: true });
    signal.addEventListener("abort", () => {
      reply.postMessage({ type: "abort" });
      clearTimeout(timer);
      reject(signal.reason);
    });
    reply.onmessage = ({ data }: MessageEvent<AnswerMessage>) => {
      if (data.type === "taken") clearTimeout(timer);
      else end(data.type === "answer" ? { ...data, body: ending(data.body, link) } : data);
    };
    const message: ToMachine = { type: "request", request, body };
    link.port.postMessage(message, body instanceof ReadableStream ? [port2, body] : [port2]);
  });
}

/** A body that fails when the way to the machine is lost, instead of waiting for good. */
function ending(body: ReadableStream<Bytes> | null, { gone }: Link): ReadableStream<Bytes> | null {
  return body?.pipeThrough(new TransformStream<Bytes, Bytes>(), { signal: gone.signal }) ?? null;
}
