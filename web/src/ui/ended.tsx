import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface EndedProps {
  readonly text: string;
  readonly takeFocus: boolean;
  readonly onRestart: () => void;
}

function Ended({ text, takeFocus, onRestart }: EndedProps) {
  const restart = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (takeFocus) restart.current?.focus();
  }, [takeFocus]);
  return (
    <div class="ended" role="status">
      <p>{text}</p>
      <button ref={restart} type="button" class="button primary" onClick={onRestart}>
        New shell
      </button>
    </div>
  );
}

/** Says under a terminal that its shell has ended; `null` takes that away. */
export function showEnded(host: HTMLElement, props: EndedProps | null): void {
  render(props && <Ended {...props} />, host);
}
