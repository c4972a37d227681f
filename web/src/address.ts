import type { OwnImage } from "warmboot";

/** An address of a machine. */
export interface MachineAddress {
  readonly kind: "machine";
  readonly image: string | OwnImage;
  readonly memoryMb: number | null;
  /** Size of the disk; `null`: the image's, or the machine's own. */
  readonly diskMb: number | null;
  /** Boot the kernel, even if the image has a machine that has booted. */
  readonly coldBoot: boolean;
  /** Name under which the machine is kept; `null`: it is gone with the tab. */
  readonly machine: string | null;
  /** It may use the site's relay, if there is one. */
  readonly network: boolean;
}

/** What the page's address asks for. */
export type PageRequest =
  | MachineAddress
  | { readonly kind: "unknown-engine"; readonly engine: string }
  | { readonly kind: "unusable"; readonly problem: string };

/** The engines that exist, by the name that `?engine=` takes. */
export const ENGINES: Readonly<Record<string, string>> = {
  kernel: "An emulated PC that runs a real Linux kernel and Debian. It is also what opens without a parameter.",
};

export const DEFAULT_IMAGE = "images/default/image.json";
const DEFAULT_MACHINE = "default";
const LONGEST_NAME = 100;

/** Reads the page's address; relative addresses of images are of the page's folder. */
export function readAddress(page: URL): PageRequest {
  const engine = page.searchParams.get("engine");
  if (engine !== null && !Object.hasOwn(ENGINES, engine)) return { kind: "unknown-engine", engine };

  const memory = page.searchParams.get("memory");
  if (memory !== null && !/^\d{1,6}$/.test(memory)) {
    return { kind: "unusable", problem: `memory: "${memory}" is not a number of MiB, such as 256.` };
  }
  const diskSize = page.searchParams.get("disk-size");
  if (diskSize !== null && !/^\d{1,6}$/.test(diskSize)) {
    return { kind: "unusable", problem: `disk-size: "${diskSize}" is not a number of MiB, such as 8192.` };
  }
  const boot = page.searchParams.get("boot");
  if (boot !== null && boot !== "cold") {
    return { kind: "unusable", problem: `boot: "${boot}" is not known; there is "cold", which boots the kernel.` };
  }
  const keep = page.searchParams.get("keep");
  if (keep !== null && keep !== "no") {
    return {
      kind: "unusable",
      problem: `keep: "${keep}" is not known; there is "no": the machine is gone with the tab.`,
    };
  }
  const network = page.searchParams.get("network");
  if (network !== null && network !== "off") {
    return { kind: "unusable", problem: `network: "${network}" is not known; there is "off".` };
  }
  const name = page.searchParams.get("machine");
  if (name !== null && (name.length < 1 || name.length > LONGEST_NAME)) {
    return { kind: "unusable", problem: `machine: a name has 1 to ${LONGEST_NAME} characters.` };
  }
  // WHY: a machine stays on its image, so one that was named by nobody must not meet another image.
  const ownName = page.searchParams.has("image") || page.searchParams.has("bzImage") ? null : DEFAULT_MACHINE;
  try {
    const image = page.searchParams.has("bzImage") ? ownImage(page) : addressOf(page, "image", DEFAULT_IMAGE);
    return {
      kind: "machine",
      image,
      memoryMb: memory === null ? null : Number(memory),
      diskMb: diskSize === null ? null : Number(diskSize),
      coldBoot: boot === "cold",
      machine: keep === "no" ? null : (name ?? ownName),
      network: network === null,
    };
  } catch (error) {
    return { kind: "unusable", problem: (error as Error).message };
  }
}

/** An image made of single files: `?bzImage=…&initrd=…&disk=…&cmdline=…&agent=1`. */
function ownImage(page: URL): OwnImage {
  const given = page.searchParams;
  const cmdline = given.get("cmdline");
  return {
    bzImage: addressOf(page, "bzImage"),
    ...(given.has("initrd") && { initrd: addressOf(page, "initrd") }),
    ...(given.has("disk") && { disk: addressOf(page, "disk") }),
    ...(cmdline !== null && { cmdline }),
    agent: given.get("agent") === "1",
  };
}

/** The address in a parameter, made absolute. @throws Error for one that is not of this site: a link must not choose what runs here. */
function addressOf(page: URL, parameter: string, otherwise = ""): string {
  const given = page.searchParams.get(parameter) ?? otherwise;
  const address = URL.canParse(given, page.href) ? new URL(given, page.href) : null;
  if (given === "" || address?.origin !== page.origin)
    throw new Error(`${parameter}: "${given}" is not an address on this site (${page.origin}).`);
  return address.href;
}
