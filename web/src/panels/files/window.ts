import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Rows beyond what is seen, so that a turn of the wheel meets none that are missing. */
const MARGIN = 10;

export interface RowWindow {
  readonly first: number;
  /** One after the last. */
  readonly end: number;
  /** Of the list's place in the page, in pixels. */
  readonly height: number;
}

/**
 * Which rows of a list are in sight: a directory of thousands is drawn a screenful at a time. WHY not a package: all rows are of one height, and
 * what the packages are for is finding out the heights.
 */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, rowHeight: number, rows: number): RowWindow {
  const [at, setAt] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () =>
      setAt((before) => {
        const top = Math.floor(element.scrollTop / rowHeight) * rowHeight;
        const height = element.clientHeight;
        return before.top === top && before.height === height ? before : { top, height };
      });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, rowHeight]);
  const first = Math.min(Math.max(0, at.top / rowHeight - MARGIN), rows);
  return { first, end: Math.min(rows, Math.ceil((at.top + at.height) / rowHeight) + MARGIN), height: at.height };
}
