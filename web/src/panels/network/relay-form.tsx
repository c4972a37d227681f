import { useId, useState } from "preact/hooks";
import { type KernelSession, WarmbootError } from "warmboot";
import {
  chooseRelay,
  isTokenKept,
  mayChooseRelay,
  networkOptions,
  type RelayChoice,
  relayChoice,
  relayOptions,
  siteRelay,
} from "../../machine/relay-choice.ts";
import { type RelayVerdict, testRelay } from "../../machine/relay-test.ts";
import type { MachinePage } from "../../machine-page.tsx";

interface RelayFormProps {
  readonly page: MachinePage;
  readonly session: KernelSession | null;
}

/** A choice that is, or was, tried. */
interface Tried {
  readonly choice: RelayChoice;
  /** `null`: it is under way. */
  readonly verdict: RelayVerdict | null;
}

/** Through which relay the machines of this browser reach the network. The machine that runs uses it at once. */
export function RelayForm({ page, session }: RelayFormProps) {
  const [choice, setChoice] = useState<RelayChoice>(relayChoice.value);
  const [keepToken, setKeepToken] = useState(isTokenKept);
  const [problem, setProblem] = useState<string | null>(null);
  const [tried, setTried] = useState<Tried | null>(null);
  const id = useId();
  const site = siteRelay();
  if (!mayChooseRelay())
    return (
      <section>
        <h3>Relay</h3>
        <p>
          {site === "" ? "This site offers none, and allows no other." : `This site's, ${site}; it allows no other.`}
        </p>
      </section>
    );

  const apply = async (event: Event) => {
    event.preventDefault();
    const before = relayChoice.value;
    chooseRelay(choice, keepToken);
    setProblem(null);
    try {
      await session?.network.setRelay(networkOptions());
    } catch (error) {
      if (!(error instanceof WarmbootError)) throw error;
      chooseRelay(before, keepToken);
      setProblem(describeProblem(choice, error));
    }
  };
  const options = relayOptions(choice);
  const test = async () => {
    if (!options) return;
    setProblem(null);
    setTried({ choice, verdict: null });
    try {
      const verdict = await testRelay(options);
      setTried((now) => (now?.choice === choice ? { choice, verdict } : now));
    } catch (error) {
      if (!(error instanceof WarmbootError)) throw error;
      setTried(null);
      setProblem(describeProblem(choice, error));
    }
  };
  const radio = (use: RelayChoice["use"], label: string, disabled = false) => (
    <label class="choice">
      <input
        type="radio"
        name={`${id}-use`}
        checked={choice.use === use}
        disabled={disabled}
        onChange={() => setChoice({ ...choice, use })}
      />
      {label}
    </label>
  );
  return (
    <section>
      <h3>Relay</h3>
      <p class="quiet">A machine in a tab reaches the network through a relay, which sees where its connections go.</p>
      <form class="form" onSubmit={apply}>
        <fieldset>
          <legend>The machine uses</legend>
          {radio("site", site === "" ? "this site's (it has none)" : `this site's, ${site}`)}
          {radio("other", "another")}
          {radio("none", "none")}
        </fieldset>
        {choice.use === "other" && (
          <>
            <div class="field">
              <label for={`${id}-address`}>Address</label>
              <input
                id={`${id}-address`}
                type="text"
                required
                autocomplete="off"
                spellcheck={false}
                placeholder="wisps://relay.example/"
                aria-invalid={problem !== null}
                value={choice.address}
                onInput={(event) => setChoice({ ...choice, address: event.currentTarget.value.trim() })}
              />
            </div>
            <div class="field">
              <label for={`${id}-token`}>Token, if it wants one</label>
              <input
                id={`${id}-token`}
                type="password"
                autocomplete="off"
                value={choice.token}
                onInput={(event) => setChoice({ ...choice, token: event.currentTarget.value.trim() })}
              />
            </div>
            <label class="switch">
              <input
                type="checkbox"
                checked={keepToken}
                onChange={(event) => setKeepToken(event.currentTarget.checked)}
              />
              Keep the token in this browser
            </label>
          </>
        )}
        {problem && <p role="alert">{problem}</p>}
        <TryResult verdict={tried?.choice === choice ? tried.verdict : undefined} />
        <div class="actions">
          <button type="submit" class="button primary">
            Use it
          </button>
          <button type="button" class="button plain" disabled={!options} onClick={test}>
            Test it
          </button>
        </div>
        {page.name !== null && (
          <p class="quiet">Connections that are open are reset. All machines of this browser use it from now on.</p>
        )}
      </form>
    </section>
  );
}

/** What came of a try; `undefined`: there was none. */
function TryResult({ verdict }: { readonly verdict: RelayVerdict | null | undefined }) {
  return (
    <p role="status" class={verdict?.isGood === false ? "problem" : "quiet"}>
      {verdict === null ? "Trying it…" : verdict?.text}
    </p>
  );
}

function describeProblem({ address }: RelayChoice, { message }: WarmbootError): string {
  return `${address}: ${message.replace(/^network\.(relay|token): /, "")}.`;
}
