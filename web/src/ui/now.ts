import { useEffect, useState } from "preact/hooks";

const TICK_MS = 1000;

/** The time, anew each second while the page is seen. */
export function useNow(): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && tick((count) => count + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Date.now();
}
