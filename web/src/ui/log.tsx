import { useLayoutEffect, useRef } from "preact/hooks";

/** So near its end it counts as read to the end. */
const AT_END_PX = 40;

/** Text of the kernel, which can be scrolled by keyboard too. It shows its end, and what is added, until somebody scrolls up. */
export function Log({ text }: { readonly text: string }) {
  const log = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const look = () => {
    const { current } = log;
    if (current) follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < AT_END_PX;
  };
  useLayoutEffect(() => {
    if (log.current && follows.current) log.current.scrollTop = log.current.scrollHeight;
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section ref={log} class="log" tabIndex={0} aria-label="Kernel log" onScroll={look}>
      <pre>{text}</pre>
    </section>
  );
}
