import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type ErrorCode, WarmbootError } from "warmboot";
import { focusIsFree } from "./focus.ts";
import { Log } from "./log.tsx";

const TITLES: Readonly<Partial<Record<ErrorCode, string>>> = {
  "machine-damaged": "The saved machine is damaged",
  "machine-in-use": "The machine is open elsewhere",
  "machine-taken-over": "The machine goes on elsewhere",
  "image-mismatch": "The machine's image is not to be had",
  "store-failed": "This browser cannot keep the machine",
  "artefact-damaged": "A file of the machine is damaged",
  "artefact-missing": "A file of the machine could not be loaded",
  "boot-timeout": "The machine did not start in time",
  "emulator-crashed": "The emulator stopped",
  "emulator-hung": "The emulator no longer answers",
  "invalid-option": "The address of this page asks for something that cannot be",
  "kernel-panic": "The machine's kernel panicked",
  "link-broken": "The machine can no longer be reached",
  "out-of-memory": "There is not enough memory for the machine",
  "wasm-unavailable": "This browser cannot run the machine",
};

/** Where the library's hint is for who writes a program, what a person at the page can do. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  "image-mismatch":
    "Come back when the site has that image again. As a file the machine can be opened where that image is to be had; without it, nowhere. Or begin a new machine under another name, with ?machine=NAME.",
  "machine-damaged":
    "Nothing was changed. A snapshot of it, in the panel Machines, or a file that was exported before may be whole. Or begin a new machine under another name, with ?machine=NAME, or delete this one.",
  "machine-in-use": "Go on there; or use it here: there it ends, and what was not saved there is lost.",
  "machine-taken-over": "Go on there; or use it here again: there it ends, and what was not saved there is lost.",
  "store-failed":
    "A private window, or a rule against storage, can be the reason. Without storage the machine is gone with this tab.",
  "boot-timeout": "A slow or busy computer may need longer: close what else is running and try again.",
  "emulator-crashed": "Try again. If it happens again, report it with the reason above.",
  "emulator-hung": "A computer that was asleep or very busy can cause this. Try again.",
  "invalid-option": "Correct the address, or open the page without parameters.",
  "kernel-panic": "The kernel's log below shows how it came to that. Try again with a new machine.",
  "out-of-memory": "Close other tabs and programs, or ask for less with ?memory=128.",
};

const LOG_LINES = 60;

interface Failure {
  readonly title: string;
  readonly reason: string;
  readonly hint: string;
}

/** What to tell about any thrown value. */
function describe(error: unknown): Failure {
  if (error instanceof WarmbootError) {
    return {
      title: TITLES[error.code] ?? "The machine cannot go on",
      reason: sentence(error.message),
      hint: HINTS[error.code] ?? error.hint,
    };
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { title: "The page failed", reason, hint: "Try again. If it happens again, report it with this text." };
}

function sentence(text: string): string {
  const isAddress = /^\w+:\/\//.test(text);
  const first = isAddress ? text.slice(0, 1) : text.slice(0, 1).toUpperCase();
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** A button of the page. The first one is the one that is meant. */
export interface FailureAction {
  readonly label: string;
  run(): void;
}

interface FailureProps {
  readonly error: unknown;
  /** The kernel's last lines. */
  readonly log: readonly string[];
  readonly actions: readonly FailureAction[];
}

/** The page that says why there is no machine. */
export function FailureView({ error, log, actions }: FailureProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { title, reason, hint } = describe(error);
  const lastWords = log.slice(-LOG_LINES).join("\n");
  // Not on the button: a key that was meant for the terminal must not press it.
  useLayoutEffect(() => {
    if (focusIsFree()) heading.current?.focus();
  }, []);
  return (
    <section class="sheet failure" role="alert" data-code={codeOf(error)}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p class="reason">{reason}</p>
      <p class="quiet">{hint}</p>
      <div class="actions">
        {actions.map(({ label, run }, index) => (
          <button key={label} type="button" class={`button ${index === 0 ? "primary" : "plain"}`} onClick={run}>
            {label}
          </button>
        ))}
        <CopyDetails text={[title, `${codeOf(error)}: ${reason}`, hint, navigator.userAgent, lastWords].join("\n")} />
      </div>
      {log.length > 0 && (
        <>
          <h3>The kernel's last words</h3>
          <Log text={lastWords} />
        </>
      )}
    </section>
  );
}

/** Copies what somebody who is to help needs to know. */
function CopyDetails({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    ) ?? setCopied(false);
  return (
    <button type="button" class="button plain" onClick={copy}>
      {copied === null ? "Copy details" : copied ? "Copied" : "This browser allows no copying"}
    </button>
  );
}

const codeOf = (error: unknown): string => (error instanceof WarmbootError ? error.code : "page");
