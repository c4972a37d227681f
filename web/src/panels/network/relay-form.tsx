import { useId, useState } from "preact/hooks";
import { type KernelSession, WarmbootError } from "warmboot";
import {
  chooseRelay,
  mayChooseRelay,
  networkOptions,
  type RelayChoice,
  relayChoice,
  siteRelay,
} from "../../machine/relay-choice.ts";
import type { MachinePage } from "../../machine-page.tsx";

interface RelayFormProps {
  readonly page: MachinePage;
  readonly session: KernelSession | null;
}

/** Through which relay the machines of this browser reach the network. The machine that runs uses it at once. */
export function RelayForm({ page, session }: RelayFormProps) {
  const [choice, setChoice] = useState<RelayChoice>(relayChoice.value);
  const [keepToken, setKeepToken] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
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
      setProblem(`${choice.address}: ${error.message.replace(/^network\.relay: /, "")}.`);
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
            <label class="switch">
              <input
                type="checkbox"
                checked={choice.allowPlain}
                onChange={(event) => setChoice({ ...choice, allowPlain: event.currentTarget.checked })}
              />
              Also without TLS, though it is not on this computer
            </label>
          </>
        )}
        {problem && <p role="alert">{problem}</p>}
        <div class="actions">
          <button type="submit" class="button primary">
            Use it
          </button>
        </div>
        {page.name !== null && (
          <p class="quiet">Connections that are open are reset. All machines of this browser use it from now on.</p>
        )}
      </form>
    </section>
  );
}
