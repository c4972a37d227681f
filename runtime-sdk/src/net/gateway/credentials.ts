import type { FromGateway, ToGateway } from "./messages.ts";

interface Answer {
  readonly token: string | null;
  readonly isFinal: boolean;
}

/** Asks the session for tokens. */
export class Credentials {
  readonly #post: (message: FromGateway) => void;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(post: (message: FromGateway) => void) {
    this.#post = post;
  }

  ask(signal: AbortSignal): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting.delete(id);
        signal.removeEventListener("abort", aborted);
      };
      const aborted = () => {
        settle();
        reject(new Error("no token was given in time"));
      };
      if (signal.aborted) {
        aborted();
        return;
      }
      signal.addEventListener("abort", aborted);
      this.#waiting.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#post({ type: "credentials-wanted", id });
    });
  }

  receive(message: Extract<ToGateway, { readonly type: "credentials" | "credentials-failed" }>): void {
    const waiting = this.#waiting.get(message.id);
    if (message.type === "credentials") waiting?.resolve({ token: message.token, isFinal: message.isFinal });
    else waiting?.reject(new Error(`no token: ${message.reason}`));
  }
}
