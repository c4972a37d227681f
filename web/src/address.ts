/** What the page's address asks for. */
export type PageRequest =
  | { readonly kind: "machine"; readonly image: string; readonly memoryMb: number | null }
  | { readonly kind: "unknown-engine"; readonly engine: string }
  | { readonly kind: "unusable"; readonly problem: string };

/** The engines that exist, by the name that `?engine=` takes. */
export const ENGINES: Readonly<Record<string, string>> = {
  kernel: "An emulated PC that runs a real Linux kernel and Debian. It is also what opens without a parameter.",
};

const DEFAULT_IMAGE = "images/default/image.json";

/** Reads the page's address; relative addresses of images are of the page's folder. */
export function readAddress(page: URL): PageRequest {
  const engine = page.searchParams.get("engine");
  if (engine !== null && !Object.hasOwn(ENGINES, engine)) return { kind: "unknown-engine", engine };

  const given = page.searchParams.get("image") ?? DEFAULT_IMAGE;
  const image = URL.canParse(given, page.href) ? new URL(given, page.href) : null;
  if (image?.origin !== page.origin) {
    return { kind: "unusable", problem: `image: "${given}" is not an address on this site (${page.origin}).` };
  }

  const memory = page.searchParams.get("memory");
  if (memory !== null && !/^\d{1,6}$/.test(memory)) {
    return { kind: "unusable", problem: `memory: "${memory}" is not a number of MiB, such as 256.` };
  }
  return { kind: "machine", image: image.href, memoryMb: memory === null ? null : Number(memory) };
}
