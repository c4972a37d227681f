import { ArrowDown, ArrowUp, CaseSensitive, Regex, X } from "lucide";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import { IconButton } from "./icon-button.tsx";

interface FindBarProps {
  readonly terminal: ShellTerminal;
  readonly onClose: () => void;
}

interface Found {
  readonly index: number;
  readonly count: number;
}

const COLOURS = {
  matchBackground: "#8a6a00",
  activeMatchBackground: "#d08700",
  matchOverviewRuler: "#8a6a00",
  activeMatchColorOverviewRuler: "#d08700",
};

/** Searches in a terminal and what scrolled by: Enter goes on, Shift and Enter back, Escape ends it. */
export function FindBar({ terminal, onClose }: FindBarProps) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [regex, setRegex] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  const isBroken = regex && !isRegex(text);

  const find = async (forward: boolean, incremental = false) => {
    const addon = await terminal.addons.search();
    if (text === "" || isBroken) {
      addon.clearDecorations();
      setFound(null);
      return;
    }
    const options = { caseSensitive, regex, incremental, decorations: COLOURS };
    if (forward) addon.findNext(text, options);
    else addon.findPrevious(text, options);
  };

  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => {
    let forget = () => {};
    void terminal.addons.search().then((addon) => {
      const listener = addon.onDidChangeResults(({ resultIndex, resultCount }) =>
        setFound({ index: resultIndex, count: resultCount }),
      );
      forget = () => {
        listener.dispose();
        addon.clearDecorations();
      };
    });
    return () => forget();
  }, [terminal]);
  useEffect(() => {
    void find(false, true);
  }, [text, caseSensitive, regex]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && event.target === field.current) void find(!event.shiftKey);
    else return;
    event.preventDefault();
  };
  return (
    <search class="find-bar" onKeyDown={onKeyDown}>
      <input
        ref={field}
        type="search"
        aria-label="Search in the terminal"
        placeholder="Search"
        value={text}
        aria-invalid={isBroken}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span class="quiet" role="status">
        {describe(text, isBroken, found)}
      </span>
      <IconButton
        icon={CaseSensitive}
        label="Capitals matter"
        aria-pressed={caseSensitive}
        onClick={() => setCaseSensitive(!caseSensitive)}
      />
      <IconButton icon={Regex} label="Regular expression" aria-pressed={regex} onClick={() => setRegex(!regex)} />
      <IconButton icon={ArrowUp} label="Previous" onClick={() => find(false)} />
      <IconButton icon={ArrowDown} label="Next" onClick={() => find(true)} />
      <IconButton icon={X} label="End the search" onClick={onClose} />
    </search>
  );
}

function describe(text: string, isBroken: boolean, found: Found | null): string {
  if (text === "") return "";
  if (isBroken) return "no regular expression";
  if (!found) return "";
  if (found.count === 0) return "not found";
  return found.index < 0 ? `${found.count}` : `${found.index + 1} of ${found.count}`;
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
