import { Copy, Download, Pencil, Trash2 } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { AbortedError, type SavedMachineInfo } from "warmboot";
import { deletions } from "../../machine/deletions.ts";
import { keptMachines } from "../../machine/kept-machines.ts";
import { keepScreens, keptScreens } from "../../machine/screens.ts";
import type { SiteImage } from "../../machine/site-images.ts";
import type { MachinePage } from "../../machine-page.tsx";
import { formatAgo } from "../../ui/ago.ts";
import { formatBytes, formatMib } from "../../ui/bytes.ts";
import { downloadFile } from "../../ui/download.ts";
import { focusIsLost } from "../../ui/focus.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { freeName } from "../../ui/machine-name.ts";
import { useNow } from "../../ui/now.ts";
import { addressOf, leaveFor } from "./leave.ts";
import { NameForm } from "./name-form.tsx";
import { Problem } from "./problem.tsx";

interface RowProps {
  readonly page: MachinePage;
  readonly machine: SavedMachineInfo;
  readonly images: readonly SiteImage[];
  /** It is here again, and was what the person was at. */
  readonly takeFocus: boolean;
  /** Called when the machine is about to be deleted: the row is gone then. */
  readonly onDelete: () => void;
}

/** A machine that is kept, and what can be done with it. */
export function MachineRow({ page, machine, images, takeFocus, onDelete }: RowProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const isFree = focusIsLost() || document.activeElement === item.current?.parentElement;
    if (takeFocus && isFree) item.current?.querySelector("button")?.focus();
  }, [takeFocus]);
  const { name } = machine;
  const [form, setForm] = useState<"rename" | "duplicate" | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const place = placeOf(page, machine);
  const here = place === "here";
  const others = keptMachines.names;
  const run = async (work: () => Promise<void>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AbortedError)) setProblem(error);
      await keptMachines.refresh();
    }
  };
  const session = here ? page.session : null;
  const exportIt = () => run(async () => downloadFile(`${name}.warmboot`, await keptMachines.export(name, session)));
  const remove = () => {
    deletions.begin({ id: machine.id, name, savedAt: machine.savedAt.getTime() });
    onDelete();
  };
  return (
    <li
      ref={item}
      class="machine"
      data-newest={keptMachines.newest.value === name}
      aria-current={here ? "true" : undefined}
    >
      <div class="machine-head">
        <div>
          <MachineName page={page} name={name} here={here} />
          <p class="quiet">
            <Description machine={machine} images={images} place={place} />
          </p>
        </div>
        <div class="row-actions">
          {(here || place === "free") && name !== "" && (
            <>
              <IconButton icon={Pencil} label={`Rename ${name}`} onClick={() => setForm("rename")} />
              <IconButton icon={Copy} label={`Duplicate ${name}`} onClick={() => setForm("duplicate")} />
              <IconButton icon={Download} label={`Export ${name}`} onClick={() => void exportIt()} />
            </>
          )}
          {place === "free" && <IconButton icon={Trash2} label={`Delete ${name || "it"}`} onClick={remove} />}
        </div>
      </div>
      {form === "rename" && (
        <NameForm
          label={here ? "New name; the page opens it again under it" : "New name"}
          initial={name}
          action="Rename"
          taken={others}
          onSubmit={(to) => (here ? renameHere(page, name, to) : renameKept(name, to))}
          onClose={() => setForm(null)}
        />
      )}
      {form === "duplicate" && (
        <NameForm
          label={here ? "Name of the copy, of the machine as it is now" : "Name of the copy"}
          initial={freeName(`${name} copy`, others)}
          action="Duplicate"
          taken={others}
          onSubmit={(to) => keptMachines.duplicate(name, to, session)}
          onClose={() => setForm(null)}
        />
      )}
      <Problem of={problem ?? deletions.problems.value.get(machine.id)} />
    </li>
  );
}

/** A link, so that it can be opened in another tab too; in this one the machine that is here is saved before. */
function MachineName({ page, name, here }: { page: MachinePage; name: string; here: boolean }) {
  if (name === "") return <strong>A machine that cannot be read</strong>;
  if (here) return <strong>{name}</strong>;
  const address = addressOf(name);
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void leaveFor(page, address);
  };
  return (
    <a href={address} onClick={open}>
      {name}
    </a>
  );
}

/** Where a machine is open. What is `starting` or `failed` is so on this page. */
type Place = "free" | "here" | "starting" | "failed" | "elsewhere";

const PLACES: Readonly<Record<Place, string>> = {
  free: "",
  here: "open here",
  starting: "being started here",
  failed: "cannot be used here now",
  elsewhere: "open in another tab",
};

function placeOf({ name, state }: MachinePage, machine: SavedMachineInfo): Place {
  const phase = state.phase.value;
  const isOwn = machine.name === name && machine.name !== "";
  if (isOwn && (state.usable.value || phase === "off")) return "here";
  if (isOwn && (phase === "downloading" || phase === "starting")) return "starting";
  if (machine.openIn === null) return "free";
  return isOwn ? "failed" : "elsewhere";
}

interface DescriptionProps {
  readonly machine: SavedMachineInfo;
  readonly images: readonly SiteImage[];
  readonly place: Place;
}

function Description({ machine: { bytes, savedAt, last, name }, images, place }: DescriptionProps) {
  const ago = formatAgo(useNow() - savedAt.getTime());
  const parts = [
    PLACES[place],
    name === "" ? formatBytes(bytes) : `${formatBytes(bytes)}, used ${ago} ago`,
    last && `${imageName(last.imageId, images)}, ${formatMib(last.memoryMb)}`,
    last?.isOff && place === "free" && "off",
  ];
  return <>{parts.filter(Boolean).join(" · ")}</>;
}

function imageName(id: string, images: readonly SiteImage[]): string {
  return `image ${images.find((image) => image.id === id)?.name ?? id.slice(0, 8)}`;
}

async function renameKept(name: string, newName: string): Promise<void> {
  await keptMachines.rename(name, newName);
  await moveScreens(name, newName);
}

/** The machine is open here: it is saved, and opened again under its new name. */
async function renameHere(page: MachinePage, name: string, newName: string): Promise<void> {
  const { session } = page;
  if (!session) throw new Error("the machine is not open here any more");
  await session.save();
  await session.close();
  try {
    await renameKept(name, newName);
  } catch (error) {
    page.start();
    throw error;
  }
  location.replace(addressOf(newName));
}

/** What was on its terminals. */
async function moveScreens(name: string, newName: string): Promise<void> {
  const screens = await keptScreens(name);
  if (screens) await keepScreens(newName, screens);
}
