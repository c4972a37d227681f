import { type ErrorCode, WarmbootError } from "warmboot";

/** Where the library's hint is for who writes a program, what a person at the page can do. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  "machine-in-use": "Close it there, then try again.",
  "machine-not-found": "It may have been renamed or deleted in another tab.",
  "machine-damaged": "Its snapshots, or a file that was exported before, may be whole.",
  "quota-exceeded": "Delete machines or snapshots that are not needed, then try again.",
  "store-failed": "Try again. A private window, or a rule against storage, can be the reason.",
  "snapshot-not-found": "It may have been deleted in another tab.",
};

/** What went wrong, and what to do, where it was asked for. */
export function Problem({ of: error }: { readonly of: unknown }) {
  if (error === null || error === undefined) return null;
  const [text, hint] = describeProblem(error);
  return (
    <p class="problem" role="alert">
      {text} {hint}
    </p>
  );
}

export function describeProblem(error: unknown): readonly [text: string, hint: string] {
  if (!(error instanceof WarmbootError)) return [sentence(String(error)), "Try again."];
  return [sentence(error.message), HINTS[error.code] ?? error.hint];
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
