import type { Turns } from "../machine/index.ts";

/** From here on a sleep of the guest may last a millisecond longer. */
const LONG_MS = 4;

/**
 * Calls back in this thread after everything else that waits has had its turn. WHY messages, after a timer as well: a browser holds timers that
 * set each other up by 4 ms, and a guest sleeps for less.
 */
export function browserTurns(): Turns {
  const { port1, port2 } = new MessageChannel();
  return {
    listen: (listener) => {
      port1.onmessage = ({ data }: MessageEvent<number>) => listener(data);
    },
    after: (ms, turn) => {
      if (ms < 1) port2.postMessage(turn);
      // WHY rounded up: a timer leaves fractions out, and the CPU would be called over and over until the guest's own is due.
      else setTimeout(() => port2.postMessage(turn), ms < LONG_MS ? ms : Math.ceil(ms));
    },
  };
}
