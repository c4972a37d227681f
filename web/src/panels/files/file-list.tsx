// biome-ignore-all lint/a11y/useSemanticElements: rows of a <table> cannot be drawn a screenful at a time.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its active row.
import type { IconNode } from "lucide";
import { ArrowDown, ArrowUp, File, FileQuestionMark, FileSymlink, Folder } from "lucide";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { FileEntry } from "warmboot";
import type { Column } from "../../files/order.ts";
import { shownName } from "../../files/paths.ts";
import { kindOf, sizeText, timeText } from "../../files/words.ts";
import { Icon } from "../../ui/icon.tsx";
import { open } from "./actions.ts";
import type { FileBrowser } from "./browser.ts";
import { giveForDrag, prepareDrag } from "./drag-out.ts";
import { ListKeys } from "./keys.ts";
import { useRowWindow } from "./window.ts";

/** A row for a finger is higher; files.css has the same numbers. */
const ROW = matchMedia("(pointer: coarse)").matches ? 42 : 28;
const HEAD = ROW;
const COLUMNS: Readonly<Record<Column, string>> = { name: "Name", size: "Size", time: "Changed" };
const ICONS: Readonly<Partial<Record<FileEntry["type"], IconNode>>> = {
  file: File,
  directory: Folder,
  symlink: FileSymlink,
};

/** What is in the directory. The grid has the focus, and says which row its keys are for. */
export function FileList({ browser }: { readonly browser: FileBrowser }) {
  const scroller = useRef<HTMLDivElement>(null);
  const keys = useMemo(() => new ListKeys(browser), [browser]);
  const listed = browser.listed.value;
  const active = browser.activeAt.value;
  const { first, end, height } = useRowWindow(scroller, ROW, listed.length);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || active < 0) return;
    const top = active * ROW;
    const room = height - HEAD - ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - room;
    // Also when what is told of the chosen one takes room from the list.
  }, [active, height]);
  const shown = listed.slice(first, end).map((entry, at) => ({ entry, at: first + at }));
  const beyond = listed[active];
  // What the grid names as its active row must be there, wherever the list is scrolled to.
  if (beyond && (active < first || active >= end)) shown.push({ entry: beyond, at: active });
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 2);
  return (
    <div
      ref={scroller}
      class="file-grid"
      role="grid"
      aria-label="Files"
      aria-multiselectable="true"
      aria-rowcount={listed.length + 1}
      aria-activedescendant={active < 0 ? undefined : rowId(active)}
      tabIndex={0}
      onKeyDown={(event) => event.target === event.currentTarget && keys.press(event, page())}
    >
      <div role="row" class="file-row file-head" aria-rowindex={1}>
        {(Object.keys(COLUMNS) as Column[]).map((column) => (
          <Head key={column} browser={browser} column={column} />
        ))}
      </div>
      <div class="file-rows" role="presentation" style={{ height: listed.length * ROW }}>
        {shown.map(({ entry, at }) => (
          <Row key={entry.name} browser={browser} entry={entry} at={at} />
        ))}
      </div>
      {listed.length === 0 && <p class="quiet file-empty">{emptyText(browser)}</p>}
    </div>
  );
}

const rowId = (at: number): string => `file-${at}`;

function emptyText(browser: FileBrowser): string {
  const hidden = browser.view.entries.value?.length ?? 0;
  if (hidden > 0) return `Nothing but ${hidden} hidden files.`;
  return browser.view.entries.value ? "Nothing is in here. Drop files to put them here." : "Reading…";
}

function Head({ browser, column }: { readonly browser: FileBrowser; readonly column: Column }) {
  const { column: sorted, descending } = browser.order.value;
  const isSorted = sorted === column;
  return (
    <div role="columnheader" class={column} aria-sort={isSorted ? (descending ? "descending" : "ascending") : "none"}>
      <button type="button" onClick={() => browser.sortBy(column)}>
        {COLUMNS[column]}
        {isSorted && <Icon of={descending ? ArrowDown : ArrowUp} />}
      </button>
    </div>
  );
}

interface RowProps {
  readonly browser: FileBrowser;
  readonly entry: FileEntry;
  readonly at: number;
}

function Row({ browser, entry, at }: RowProps) {
  const { name, type, size, mtimeMs } = entry;
  const isSelected = browser.selected.value.has(name);
  const onClick = (event: MouseEvent) => {
    const isOnTick = event.target instanceof Element && event.target.closest(".tick") !== null;
    if (event.ctrlKey || event.metaKey || isOnTick) return browser.toggle(name);
    if (event.shiftKey) return browser.extendTo(name);
    const isSecondTap = ROW > 28 && isSelected && browser.selected.value.size === 1;
    if (isSecondTap) return void open(browser, entry);
    browser.choose(name);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys.
    <div
      role="row"
      id={rowId(at)}
      class="file-row"
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      data-active={browser.active.value === name}
      style={{ transform: `translateY(${at * ROW}px)` }}
      draggable={type === "file"}
      onClick={onClick}
      onDblClick={() => open(browser, entry)}
      onPointerDown={() => prepareDrag(browser, entry)}
      onDragStart={(event) => giveForDrag(event, entry)}
    >
      <div role="gridcell" class="name" title={shownName(name)}>
        <span class="tick" data-type={type}>
          <Icon of={ICONS[type] ?? FileQuestionMark} />
          <span class="said">{kindOf(entry)} </span>
        </span>
        <span class="text">{shownName(name)}</span>
      </div>
      <div role="gridcell" class="size">
        {type === "file" ? sizeText(size) : ""}
      </div>
      <div role="gridcell" class="time">
        {timeText(mtimeMs)}
      </div>
    </div>
  );
}
