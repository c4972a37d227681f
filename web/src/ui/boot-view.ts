import type { BootProgress, BootStage } from "warmboot";
import { formatBytes } from "./bytes.ts";
import { element } from "./element.ts";

const STAGES: readonly (readonly [BootStage, string])[] = [
  ["download", "Download"],
  ["start", "Set up"],
  ["kernel", "Linux"],
  ["agent", "Agent"],
  ["ready", "Shell"],
];

const DOING: Readonly<Record<BootStage, string>> = {
  download: "Downloading the machine",
  start: "Setting up the machine",
  kernel: "Linux is starting",
  restore: "The machine goes on from where it was",
  agent: "The agent in the machine is answering",
  ready: "Opening a shell",
};

const MOST_TEXT = 60_000;

/** What stands over the terminals until there is a shell: the stage, the bytes, and what the kernel says. */
export class BootView {
  readonly element: HTMLElement;
  readonly #doing = element("p");
  readonly #bar = element("progress", { attributes: { max: "1", "aria-label": "Download" } });
  readonly #stages = new Map<BootStage, HTMLElement>();
  readonly #log = element("pre", {
    class: "log",
    attributes: { tabindex: "0", "aria-label": "Kernel log", role: "region" },
  });
  #pending = "";
  #frame = 0;

  /** `name`: of a machine that is kept; null: it is gone with the tab. */
  constructor(name: string | null) {
    for (const [stage, label] of STAGES) this.#stages.set(stage, element("li", { text: label }));
    this.element = element("section", {
      class: "sheet boot",
      attributes: { "aria-label": "Boot" },
      children: [
        element("h2", { text: "A Linux machine is starting in this tab" }),
        element("ol", { class: "stages", children: [...this.#stages.values()] }),
        this.#bar,
        this.#doing,
        this.#log,
        element("p", {
          class: "quiet",
          text: `${name === null ? "It is gone when you close this tab." : `It is kept in this browser as "${name}".`} What you type now goes to the shell when it is there.`,
        }),
      ],
    });
    this.progress({ stage: "download", loadedBytes: 0, totalBytes: null });
  }

  progress({ stage, loadedBytes, totalBytes }: BootProgress): void {
    const loaded =
      totalBytes === null ? formatBytes(loadedBytes) : `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`;
    this.#doing.textContent = `${DOING[stage]}${loadedBytes > 0 ? ` (${loaded})` : ""}…`;
    if (stage === "download" && totalBytes) this.#bar.value = loadedBytes / totalBytes;
    else this.#bar.removeAttribute("value");
    const linux = this.#stages.get("kernel");
    const agent = this.#stages.get("agent");
    if (stage === "restore" && linux && agent) {
      linux.textContent = "Restore";
      agent.hidden = true;
    }
    const at = STAGES.findIndex(([each]) => each === (stage === "restore" ? "kernel" : stage));
    for (const [index, [each]] of STAGES.entries()) {
      const item = this.#stages.get(each);
      if (!item) continue;
      item.dataset["at"] = index < at ? "done" : "";
      if (index === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
  }

  /** Adds text of the kernel's console, once a frame. */
  log(text: string): void {
    this.#pending += text;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const log = this.#log;
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      log.textContent = `${log.textContent ?? ""}${this.#pending}`.slice(-MOST_TEXT);
      this.#pending = "";
      if (atEnd) log.scrollTop = log.scrollHeight;
    });
  }
}
