import type { Ref } from "preact";

interface LogProps {
  readonly text: string;
  readonly ref?: Ref<HTMLElement>;
}

/** Text of the kernel, which can be scrolled by keyboard too. */
export function Log({ text, ref = null }: LogProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section ref={ref} class="log" tabIndex={0} aria-label="Kernel log">
      <pre>{text}</pre>
    </section>
  );
}
