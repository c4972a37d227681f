import {
  AbortedError,
  type ExecOptions,
  type ExecResult,
  type ExitStatus,
  type KernelSession,
  type NetworkOptions,
  WarmbootError,
} from "../browser/index.ts";
import { deferred } from "../guest/index.ts";
import { AttributesAsProperties, bootOptions, fontSizeOf, LOADING, oneOf, THEMES } from "./attributes.ts";
import { colour, SystemTheme } from "./colours.ts";
import { type Action, make, Notice } from "./notice.ts";
import { OwnStyles } from "./own-styles.ts";
import { Run } from "./run.ts";
import { ElementScreen, type Looks } from "./screen.ts";
import { ELEMENT_CSS } from "./styles.ts";
import { XTERM_CSS } from "./xterm-css.gen.ts";

/** Where the element's machine is. `idle`: not started; `ended`: it runs, and its shell has ended. */
export type TerminalState = "idle" | "booting" | "running" | "ended" | "off" | "failed" | "closed";

/** How a start goes about a machine that is kept. */
export interface StartOptions {
  /** Take it from whoever has it open. @default false */
  readonly takeover?: boolean;
  /** Do not keep it, whatever the attribute `machine` says. @default false */
  readonly unkept?: boolean;
}

/**
 * `<warmboot-terminal>`: a Linux machine with a shell, in a page. Fires `ready` when there is a shell, `exit` when that has ended, and `error` (an `ErrorEvent`
 * whose `error` is a `WarmbootError`) when the machine cannot start or go on.
 * @example <warmboot-terminal image="/images/default/image.json" cmd="uname -a"></warmboot-terminal>
 */
export class WarmbootTerminal extends AttributesAsProperties {
  static readonly observedAttributes = ["theme", "readonly", "font-size", "aria-label"];

  /** Relay with its token, LAN; over the attribute `relay`. Of the next start. */
  network: NetworkOptions | null = null;

  readonly #frame = make("div", { className: "frame" });
  readonly #place = make("div", { className: "screen" });
  readonly #wayOut = make("p", {
    className: "way-out",
    tabIndex: -1,
    textContent: "Out of the terminal: Tab goes on.",
  });
  readonly #notice: Notice;
  readonly #styles: OwnStyles;
  readonly #system = new SystemTheme(() => this.#look());
  #state: TerminalState = "idle";
  #ready = deferred<KernelSession>();
  #run: Run | null = null;
  #seen: IntersectionObserver | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    this.#styles = new OwnStyles(root, [XTERM_CSS, ELEMENT_CSS]);
    const notice = make("div", { className: "notice" });
    this.#notice = new Notice(notice, this.#place);
    this.#frame.setAttribute("role", "group");
    this.#frame.append(this.#place, notice, this.#wayOut);
    root.append(this.#frame);
  }

  /** The machine, `null` before it answers and after its end. */
  get session(): KernelSession | null {
    return this.#run?.session ?? null;
  }

  /** Where the machine is. */
  get state(): TerminalState {
    return this.#state;
  }

  /** Resolves when the machine that is starting, or starts next, has a shell; rejects with the WarmbootError if it gets none. */
  get ready(): Promise<KernelSession> {
    return this.#ready.promise;
  }

  /** Starts a machine, unless there is one. The element must be in the page. Resolves and rejects as `ready` does. */
  start(options: StartOptions = {}): Promise<KernelSession> {
    if (["booting", "running", "ended", "off"].includes(this.#state)) return this.ready;
    this.#seen?.disconnect();
    if (this.#ready.settled) this.#ready = deferred();
    const { promise } = this.#ready;
    void this.#begin(options);
    return promise;
  }

  /** Types lines into the shell, as soon as there is one that prompts; starts what is needed for that. */
  async run(cmd: string): Promise<void> {
    await this.start();
    if (this.#state === "ended") await this.#run?.openShell();
    await this.#run?.type(cmd);
  }

  /** Runs a command beside the shell; see `exec` of a session. Starts the machine if there is none. */
  async exec(cmd: string, options?: ExecOptions): Promise<ExecResult> {
    return (await this.start()).exec(cmd, options);
  }

  /** Focuses the terminal, or the button that stands in its place. */
  override focus(): void {
    const button = this.#place.inert ? this.#frame.querySelector("button") : null;
    if (button) button.focus();
    else this.#run?.screen.term.focus();
  }

  /** Closes the machine. What was kept of it stays. */
  async close(): Promise<void> {
    this.#seen?.disconnect();
    if (["idle", "closed", "failed"].includes(this.#state) && !this.#run) return;
    await this.#end("closed");
    this.#notice.offer("The machine was closed.", this.#startAction("Start a machine"));
  }

  connectedCallback(): void {
    this.upgrade();
    this.#system.listen();
    this.#look();
    // Moved: it goes on.
    if (this.#run) return;
    this.#state = "idle";
    const loading = oneOf(LOADING, this.loading);
    if (loading === "eager") return void this.start();
    this.#notice.offer("A Linux machine, in this page.", this.#startAction("Start"));
    if (loading === "lazy") this.#startWhenSeen();
  }

  disconnectedCallback(): void {
    this.#seen?.disconnect();
    // WHY later: an element that is moved is taken out and put in again.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#system.forget();
      void this.#end("idle");
    });
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#look();
  }

  #startWhenSeen(): void {
    this.#seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void this.start();
    });
    this.#seen.observe(this);
  }

  get #looks(): Looks {
    const theme = oneOf(THEMES, this.theme);
    return {
      theme: theme === "system" ? this.#system.theme : theme,
      fontSize: fontSizeOf(this),
      readonly: this.readonly,
    };
  }

  #look(): void {
    this.#frame.setAttribute("aria-label", this.getAttribute("aria-label") ?? "Linux terminal");
    colour(this.#frame, this.#looks.theme);
    this.#run?.screen.look(this.#looks);
  }

  async #begin({ takeover = false, unkept = false }: StartOptions): Promise<void> {
    const before = this.#end("booting");
    this.#notice.progress({ stage: "download", loadedBytes: 0, totalBytes: null });
    let run: Run | null = null;
    try {
      const { machine, autosave, ...ephemeral } = bootOptions(this, this.network);
      const kept = machine !== undefined && !unkept && { machine, takeover, autosave: autosave ?? true };
      const screen = new ElementScreen(this.#place, this.#styles, this.#looks, () => this.#wayOut.focus());
      run = this.#follow(screen);
      // WHY before anything is waited for: what is typed from now on is for the shell to come.
      this.#run = run;
      await before;
      // Closed, or taken away, meanwhile.
      if (this.#run !== run) return;
      const session = await run.begin({ ...ephemeral, ...kept }, this.cmd);
      if (this.#run !== run) return;
      this.#ready.resolve(session);
      this.dispatchEvent(new CustomEvent("ready", { detail: { session } }));
    } catch (error) {
      // Of one that was closed meanwhile there is nothing to tell.
      if (this.#run === run) this.#fail("The machine could not be started", error);
    }
  }

  /** What happens to the machine of `screen`, as long as it is the element's. */
  #follow(screen: ElementScreen): Run {
    const run = new Run(screen, {
      progress: (progress) => this.#notice.progress(progress),
      shell: () => {
        this.#state = "running";
        this.#notice.clear();
      },
      shellEnded: (status) => this.#shellEnded(run, status),
      off: () => {
        this.#state = "off";
        const start = () => {
          this.focus();
          // What goes wrong with it the session tells.
          void run.session?.reboot().catch(() => {});
        };
        this.#notice.tell("The machine was shut down.", { label: "Start it again", run: start });
      },
      rebooting: () => this.#notice.tell("The machine is starting anew…"),
      failed: (error) => this.#fail("The machine cannot go on", error),
      closed: () => void this.close(),
    });
    return run;
  }

  #shellEnded(run: Run, { exitCode, signal }: ExitStatus): void {
    this.#state = "ended";
    const open = () => {
      this.focus();
      run.openShell().catch((error) => this.#fail("No shell could be started", error));
    };
    this.#notice.tell(`The shell ended ${signal ? `by ${signal}` : `with exit code ${exitCode}`}.`, {
      label: "New shell",
      run: open,
    });
    this.dispatchEvent(new CustomEvent("exit", { detail: { exitCode, signal } }));
  }

  #fail(what: string, error: unknown): void {
    this.#ready.reject(error);
    void this.#end("failed");
    this.#notice.failure(what, error, this.#waysOut(error));
    const message = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new ErrorEvent("error", { error, message }));
  }

  #waysOut(error: unknown): Action[] {
    const code = error instanceof WarmbootError ? error.code : null;
    if (code === "machine-in-use" || code === "machine-taken-over")
      return [this.#startAction("Use it here", { takeover: true })];
    const again = this.#startAction("Try again");
    return code === "store-failed" ? [again, this.#startAction("Go on without keeping it", { unkept: true })] : [again];
  }

  #startAction(label: string, options?: StartOptions): Action {
    const run = () => {
      // What went wrong is shown in place.
      this.start(options).catch(() => {});
      this.focus();
    };
    return { label, run };
  }

  /** Ends the machine there is. */
  async #end(next: TerminalState): Promise<void> {
    const run = this.#run;
    this.#run = null;
    this.#state = next;
    // One that had its shell has settled it already.
    if (run && next !== "booting") this.#ready.reject(new AbortedError("the start of the machine"));
    await run?.close();
  }
}
