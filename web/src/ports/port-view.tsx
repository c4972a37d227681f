import { ArrowLeft, ArrowRight, RotateCw } from "lucide";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../ui/icon-button.tsx";
import type { PortFrame } from "./port-frame.ts";

/** WHY not to navigate the page around it, and no device: what is in the frame is of the guest, and not to be trusted. */
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-modals allow-downloads allow-popups";

interface PortViewProps {
  readonly frame: PortFrame;
  /** Further buttons. */
  readonly children?: ComponentChildren;
}

/** A page of a guest's server, with its address over it. */
export function PortView({ frame, children }: PortViewProps) {
  const element = useRef<HTMLIFrameElement>(null);
  useLayoutEffect(() => {
    if (!element.current) return;
    const end = frame.follow(element.current);
    element.current.src = frame.start;
    return end;
  }, [frame]);
  const { port, title } = frame.shown.value;
  const outside = frame.outside.value;
  return (
    <section class="port-view" aria-label={`Port ${port}`}>
      <div class="port-tools" role="toolbar" aria-label="Page">
        <IconButton icon={ArrowLeft} label="Back" onClick={() => frame.tell("back")} />
        <IconButton icon={ArrowRight} label="Forward" onClick={() => frame.tell("forward")} />
        <IconButton icon={RotateCw} label="Reload" onClick={() => frame.tell("reload")} />
        <Address frame={frame} />
        {children}
      </div>
      {outside !== null && (
        <p class="port-outside" role="status">
          The page leads out of the machine, to{" "}
          <a href={outside} target="_blank" rel="noopener noreferrer" onClick={() => (frame.outside.value = null)}>
            {outside}
          </a>
        </p>
      )}
      <iframe
        ref={element}
        class="port-frame"
        title={title || `The page of port ${port}`}
        sandbox={SANDBOX}
        referrerpolicy="no-referrer"
        allow="fullscreen"
      />
    </section>
  );
}

/** The address as the guest knows it; another path can be typed. */
function Address({ frame }: { readonly frame: PortFrame }) {
  const { port, path } = frame.shown.value;
  const [typed, setTyped] = useState<string | null>(null);
  const go = (event: Event) => {
    event.preventDefault();
    if (typed !== null) frame.go(typed.replace(/^(?:https?:\/\/)?localhost:\d+/i, "").replace(/^(?!\/)/, "/"));
    setTyped(null);
  };
  return (
    <form class="port-address" onSubmit={go}>
      <input
        type="text"
        inputMode="url"
        aria-label="Address in the machine"
        autocomplete="off"
        spellcheck={false}
        value={typed ?? `localhost:${port}${path}`}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setTyped(null)}
      />
    </form>
  );
}
