/** BroadcastChannels of the test's own, which deliver at once. For tests. */
import type { LanChannel } from "./lan.ts";

export class TestChannels {
  readonly #open = new Map<string, Set<LanChannel>>();
  /** Whose messages do not arrive, and who gets none. */
  readonly deaf = new Set<LanChannel>();
  /** All that was said. */
  readonly said: unknown[] = [];

  readonly open = (name: string): LanChannel => {
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all);
    const channel: LanChannel = {
      onmessage: null,
      postMessage: (message) => {
        this.said.push(message);
        if (this.deaf.has(channel)) return;
        for (const other of [...all])
          if (other !== channel && !this.deaf.has(other)) other.onmessage?.({ data: structuredClone(message) });
      },
      close: () => void all.delete(channel),
    };
    all.add(channel);
    return channel;
  };
}
