import type { BlockedConnection, NetworkStatus } from "warmboot";

const TEXTS: Readonly<Record<NetworkStatus["state"], string>> = {
  off: "no network",
  connecting: "connecting",
  online: "online",
  refused: "network refused",
  lost: "network lost",
};

const REASONS: Readonly<Record<BlockedConnection["reason"], string>> = {
  policy: "the relay does not allow it",
  limit: "one of the relay's limits is reached",
  overrun: "nobody in the machine read what arrived",
  "no-udp": "the relay carries no UDP",
};

/** Why a connection was refused, in a sentence. */
export function describeBlocked({ host, port, reason }: BlockedConnection): string {
  const where = [host || "An address", port > 0 && `port ${port}`].filter(Boolean).join(", ");
  return `${where}: ${REASONS[reason]}.`;
}

/** The words in the bar that say how the way to the network stands, and why. */
export class NetworkText {
  readonly #element: HTMLElement;
  #usable = false;
  #known = false;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  show({ state, reason }: NetworkStatus): void {
    this.#known = true;
    this.#update();
    this.#element.dataset["state"] = state;
    this.#element.textContent = TEXTS[state];
    this.#element.title = reason ?? (state === "off" ? "This site offers its machines no network." : "");
  }

  /** There is a machine that could use it. */
  set usable(usable: boolean) {
    this.#usable = usable;
    this.#update();
  }

  #update(): void {
    this.#element.hidden = !(this.#known && this.#usable);
  }
}
