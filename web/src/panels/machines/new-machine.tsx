import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keptMachines } from "../../machine/kept-machines.ts";
import { type SiteImage, siteImages } from "../../machine/site-images.ts";
import type { MachinePage } from "../../machine-page.tsx";
import { formatMib } from "../../ui/bytes.ts";
import { Dialog, openDialog } from "../../ui/dialog.tsx";
import { freeName, nameProblem } from "../../ui/machine-name.ts";
import { addressOf, leaveFor } from "./leave.ts";

const LEAST_MEMORY_MB = 64;
const MOST_MEMORY_MB = 2047;
const MOST_DISK_MB = 65_536;

/** Asks what a new machine is to be, and goes to it. */
export async function openNewMachine(page: MachinePage): Promise<void> {
  const [images] = await Promise.all([siteImages(), keptMachines.refresh()]);
  const address = await openDialog<string | null>(page.state, (close) => (
    <NewMachine images={images} taken={keptMachines.names} onClose={close} />
  ));
  if (address !== null) await leaveFor(page, address);
}

interface NewMachineProps {
  readonly images: readonly SiteImage[];
  readonly taken: readonly string[];
  /** With the address of the new machine; `null`: there is to be none. */
  readonly onClose: (address: string | null) => void;
}

function NewMachine({ images, taken, onClose }: NewMachineProps) {
  const [name, setName] = useState(() => freeName("machine", taken));
  const [image, setImage] = useState(images[0]);
  const [memoryMb, setMemoryMb] = useState(image?.memoryMb ?? 0);
  const [diskMb, setDiskMb] = useState(image?.diskMb ?? 0);
  if (!image)
    return (
      <Dialog title="New machine" onClose={() => onClose(null)}>
        <p role="alert">This site's images cannot be had now. Look at your connection, then try again.</p>
        <div class="actions">
          <button type="submit" class="button plain">
            Close
          </button>
        </div>
      </Dialog>
    );
  const choose = (address: string) => {
    const chosen = images.find((each) => each.address === address) ?? image;
    setImage(chosen);
    setMemoryMb(chosen.memoryMb);
    setDiskMb(chosen.diskMb);
  };
  const isUsual = memoryMb === image.memoryMb && diskMb === image.diskMb;
  const close = (answer: string) => {
    if (answer !== "create") return onClose(null);
    onClose(
      addressOf(name.trim(), {
        ...(image !== images[0] && { image: image.address }),
        ...(memoryMb !== image.memoryMb && { memory: String(memoryMb) }),
        ...(diskMb !== image.diskMb && { "disk-size": String(diskMb) }),
      }),
    );
  };
  return (
    <Dialog title="New machine" onClose={close}>
      <NameField value={name} taken={taken} onChange={setName} />
      <ImageField images={images} value={image.address} onChange={choose} />
      <NumberField
        label="Memory in MiB"
        hint={`${LEAST_MEMORY_MB} to ${MOST_MEMORY_MB}; ${image.memoryMb} is usual. The tab takes as much from this computer.`}
        least={LEAST_MEMORY_MB}
        most={MOST_MEMORY_MB}
        value={memoryMb}
        onChange={setMemoryMb}
      />
      <NumberField
        label="Size of the disk in MiB"
        hint={`${image.diskMb} (${formatMib(image.diskMb)}, the image's) to ${MOST_DISK_MB}. It takes no room before it is written, and cannot be changed later.`}
        least={image.diskMb}
        most={MOST_DISK_MB}
        value={diskMb}
        onChange={setDiskMb}
      />
      <p class="quiet">
        {isUsual ? "It starts at once." : "With other sizes than the image's it boots first, which takes some seconds."}{" "}
        The machine that is open here is saved.
      </p>
      <div class="actions">
        <button type="submit" class="button primary" value="create">
          Create
        </button>
        <button type="submit" class="button plain" value="no" formNoValidate>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

interface FieldProps<T> {
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function NameField({ value, taken, onChange }: FieldProps<string> & { readonly taken: readonly string[] }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const problem = nameProblem(value.trim(), taken);
  useLayoutEffect(() => input.current?.setCustomValidity(problem ?? ""), [problem]);
  useEffect(() => input.current?.select(), []);
  return (
    <div class="field">
      <label for={id}>Name</label>
      <input
        id={id}
        ref={input}
        class="entry"
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={problem === null ? "quiet" : "problem"} aria-live="polite">
        {problem ?? "It is kept in this browser under this name."}
      </p>
    </div>
  );
}

function ImageField({ images, value, onChange }: FieldProps<string> & { readonly images: readonly SiteImage[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Image</label>
      <select id={id} class="entry" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {images.map((image) => (
          <option key={image.address} value={image.address}>
            {image.name}: {formatMib(image.memoryMb)} of memory, disk of {formatMib(image.diskMb)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface NumberFieldProps extends FieldProps<number> {
  readonly label: string;
  readonly hint: string;
  readonly least: number;
  readonly most: number;
}

function NumberField({ label, hint, least, most, value, onChange }: NumberFieldProps) {
  const id = useId();
  const isGood = Number.isInteger(value) && value >= least && value <= most;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="entry"
        type="number"
        required
        min={least}
        max={most}
        step={1}
        value={Number.isNaN(value) ? "" : value}
        aria-invalid={!isGood}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <p id={`${id}-hint`} class={isGood ? "quiet" : "problem"}>
        {hint}
      </p>
    </div>
  );
}
