import { signal } from "@preact/signals";
import type { KernelSession } from "warmboot";
import { hasChanged, readTextFile, saveTextFile, type TextFile } from "../../files/text-file.ts";
import { explain } from "../../files/words.ts";

export type EditingState = "loading" | "ready" | "saving" | "unusable";

/** A text file that is being edited. It stays while the panel is closed. */
export class Editing {
  readonly path: string;
  readonly state = signal<EditingState>("loading");
  readonly file = signal<TextFile | null>(null);
  readonly isDirty = signal(false);
  /** What there is to say: that it is saved, or why not. */
  readonly problem = signal<string | null>(null);
  readonly isSaved = signal(false);
  readonly #session: KernelSession;
  #text = "";

  constructor(session: KernelSession, path: string) {
    this.#session = session;
    this.path = path;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    this.isDirty.value = text !== this.file.value?.text;
    this.isSaved.value = false;
  }

  /** Reads the file; what was edited is lost. */
  async load(): Promise<void> {
    this.state.value = "loading";
    this.problem.value = null;
    try {
      const file = await readTextFile(this.#session, this.path);
      this.#text = file.text;
      this.file.value = file;
      this.isDirty.value = false;
      this.state.value = "ready";
    } catch (error) {
      this.problem.value = explain(error);
      this.state.value = "unusable";
    }
  }

  /** Saves. `resolve` is asked when the file has changed in the guest since it was read. */
  async save(resolve: () => Promise<"overwrite" | "reload" | null>): Promise<void> {
    const { value: file } = this.file;
    if (!file || this.state.value !== "ready") return;
    this.state.value = "saving";
    this.problem.value = null;
    try {
      const answer = (await hasChanged(this.#session, file)) ? await resolve() : "overwrite";
      if (answer === "reload") return await this.load();
      if (answer === null) return;
      const saved = this.#text;
      this.file.value = await saveTextFile(this.#session, file, saved);
      this.isDirty.value = this.#text !== saved;
      this.isSaved.value = true;
    } catch (error) {
      this.problem.value = `It was not saved. ${explain(error)}`;
    } finally {
      if (this.state.value === "saving") this.state.value = "ready";
    }
  }
}
