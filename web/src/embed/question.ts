import type { EmbedMachine, Reason } from "./request.ts";
import { whenSeen } from "./when-seen.ts";

/** What a person can answer. */
interface Answer {
  readonly label: string;
  readonly machine: EmbedMachine;
}

/** Asks the person, in the place of the terminal. Resolves with the machine that they agree to. */
export function ask(place: HTMLElement, wanted: EmbedMachine, reasons: readonly Reason[]): Promise<EmbedMachine> {
  const sheet = make("section", "", "sheet");
  const list = make("ul");
  list.append(...reasons.map((reason) => said(wanted, reason)));
  const actions = make("div", "", "actions");
  sheet.append(make("h2", "Start a Linux machine here?"), list, actions);
  place.append(sheet);
  return new Promise((resolve) => {
    for (const { label, machine } of answers(wanted, reasons)) {
      const button = make("button", label);
      button.type = "button";
      whenSeen(button);
      button.addEventListener("click", () => {
        sheet.remove();
        resolve(machine);
      });
      actions.append(button);
    }
  });
}

/** Says in the place of the terminal why there is none. */
export function refuse(place: HTMLElement, problem: string): void {
  const sheet = make("section", "", "sheet");
  sheet.setAttribute("role", "alert");
  sheet.append(
    make("h2", "The address of this terminal cannot be used"),
    make("p", problem),
    make("p", "Whoever put it into the page has to correct it.", "quiet"),
  );
  place.append(sheet);
}

function said({ machine, cmd, network }: EmbedMachine, reason: Reason): HTMLElement {
  const relay = typeof network === "object" ? new URL(network.relay).host : "";
  const texts: Readonly<Record<Reason, string>> = {
    "kept-machine": `The page around this one wants to show your machine "${machine}", which is kept in this browser. It cannot read it.`,
    "command-in-kept-machine": `This command is to be typed into your machine "${machine}":`,
    "foreign-relay": `The machine's network is to go through ${relay}, which sees what it does and with whom it talks.`,
    "command-with-network": "The machine has a network, and this command is to be typed into it:",
  };
  const item = make("li", texts[reason]);
  if (reason.startsWith("command")) item.append(make("pre", cmd ?? ""));
  return item;
}

function answers(wanted: EmbedMachine, reasons: readonly Reason[]): Answer[] {
  const asked = (reason: Reason) => reasons.includes(reason);
  const all: Answer[] = [{ label: "Start", machine: wanted }];
  if (asked("command-in-kept-machine") || asked("command-with-network"))
    all.push({ label: "Start without the command", machine: { ...wanted, cmd: null } });
  if (asked("foreign-relay") || asked("command-with-network"))
    all.push({ label: "Start without network", machine: { ...wanted, network: "none" } });
  if (asked("kept-machine"))
    all.push({ label: "Start a new machine instead", machine: { ...wanted, machine: null, network: "none" } });
  return all;
}

function make<K extends keyof HTMLElementTagNameMap>(name: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  element.textContent = text;
  if (className !== "") element.className = className;
  return element;
}
