import { computed, signal } from "@preact/signals";
import type { KernelSession } from "warmboot";
import { DirectoryView } from "../../files/directory.ts";
import { arrange, type Column, type Order } from "../../files/order.ts";
import { Owners } from "../../files/owners.ts";
import type { PageFiles } from "../../files/page-files.ts";
import { baseName, parentOf, resolvePath } from "../../files/paths.ts";
import { explain } from "../../files/words.ts";
import type { Editing } from "./editing.ts";

const HOME = "/root";
const all = new WeakMap<PageFiles, FileBrowser>();

/** What the panel shows and what is chosen in it. It stays as it is while the panel is closed. */
export class FileBrowser {
  readonly files: PageFiles;
  readonly view = new DirectoryView();
  readonly owners = new Owners();
  readonly order = signal<Order>({ column: "name", descending: false });
  readonly showHidden = signal(false);
  readonly selected = signal<ReadonlySet<string>>(new Set());
  /** The row that the keys work on. */
  readonly active = signal<string | null>(null);
  /** What went wrong with the last action. */
  readonly problem = signal<string | null>(null);
  readonly editing = signal<Editing | null>(null);
  readonly listed = computed(() => arrange(this.view.entries.value ?? [], this.order.value, this.showHidden.value));
  readonly chosen = computed(() => this.listed.value.filter(({ name }) => this.selected.value.has(name)));
  readonly activeAt = computed(() => this.listed.value.findIndex(({ name }) => name === this.active.value));
  #session: KernelSession | null = null;
  /** Where a selection of several began. */
  #anchor: string | null = null;

  private constructor(files: PageFiles) {
    this.files = files;
  }

  static of(files: PageFiles): FileBrowser {
    const known = all.get(files) ?? new FileBrowser(files);
    all.set(files, known);
    return known;
  }

  /** @throws Error when there is no machine. */
  get session(): KernelSession {
    if (!this.#session) throw new Error("The machine does not run.");
    return this.#session;
  }

  /** Begins to show a machine's files: those that were shown last. */
  show(session: KernelSession): void {
    const isNew = this.#session !== session;
    this.#session = session;
    if (isNew) void this.owners.load(session);
    const path = this.view.path.value || HOME;
    this.view.open(session, path);
    this.files.shown.value = path;
  }

  /** The panel is closed, or the machine has gone. */
  hide(): void {
    this.view.close();
    this.files.shown.value = null;
  }

  /** Goes to a directory. `name`: what in it is chosen. */
  go(path: string, name: string | null = null): void {
    this.problem.value = null;
    this.view.open(this.session, path);
    this.files.shown.value = path;
    this.choose(name);
  }

  up(): void {
    const { value: path } = this.view.path;
    if (path !== "/") this.go(parentOf(path), baseName(path));
  }

  /** Goes where a typed path leads: into a directory, or to a file. Resolves to why it cannot, or `null`. */
  async goTyped(typed: string): Promise<string | null> {
    const path = resolvePath(typed, this.view.path.value);
    try {
      const { type } = await this.session.files.stat(path);
      if (type === "directory") this.go(path);
      else this.go(parentOf(path), baseName(path));
      return null;
    } catch (error) {
      return explain(error);
    }
  }

  /** Does something with the guest's files; what goes wrong is shown in the panel. */
  async act(work: () => Promise<void>): Promise<void> {
    this.problem.value = null;
    try {
      await work();
      this.view.reload();
    } catch (error) {
      this.problem.value = explain(error);
    }
  }

  sortBy(column: Column): void {
    const { value: order } = this.order;
    this.order.value = { column, descending: order.column === column && !order.descending };
  }

  choose(name: string | null): void {
    this.active.value = name;
    this.#anchor = name;
    this.selected.value = new Set(name === null ? [] : [name]);
  }

  toggle(name: string): void {
    const selected = new Set(this.selected.value);
    if (!selected.delete(name)) selected.add(name);
    this.active.value = name;
    this.#anchor = name;
    this.selected.value = selected;
  }

  /** Chooses all from where the selection began. */
  extendTo(name: string): void {
    const names = this.listed.value.map((each) => each.name);
    const [from, to] = [names.indexOf(this.#anchor ?? name), names.indexOf(name)];
    this.active.value = name;
    this.selected.value = new Set(names.slice(Math.min(from, to), Math.max(from, to) + 1));
  }

  chooseAll(): void {
    this.selected.value = new Set(this.listed.value.map(({ name }) => name));
  }

  /** Goes to a row, by its place in the list. */
  move(at: number, extend: boolean): void {
    const { value: listed } = this.listed;
    const entry = listed[Math.max(0, Math.min(at, listed.length - 1))];
    if (!entry) return;
    if (extend) this.extendTo(entry.name);
    else this.choose(entry.name);
  }
}
