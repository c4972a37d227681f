import type { Turns } from "../machine/index.ts";

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
      else setTimeout(() => port2.postMessage(turn), ms);
    },
  };
}
