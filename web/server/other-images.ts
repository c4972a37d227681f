/** Images that a site offers besides the default one, each in the folder `images/NAME/`. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";

export const IMAGES_PATH = "/images/";
/** Names all of them, for the page: the one first that new machines are made from. */
export const IMAGE_LIST = "index.json";
const DEFAULT_NAME = "default";

/** Folders of prepared images, by the names that they have on the site. */
export type OtherImages = Readonly<Record<string, string>>;

/** Names them as their folders. @throws Error for one that cannot be offered */
export function otherImages(folders: readonly string[]): OtherImages {
  const named = folders.map((folder) => [basename(resolve(folder)), folder] as const);
  for (const [at, [name, folder]] of named.entries()) {
    if (!existsSync(join(folder, "image.json"))) throw new Error(`There is no prepared image in ${folder}.`);
    // As the page takes them.
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw new Error(`"${name}" cannot be the name of an image.`);
    if (name === DEFAULT_NAME || named.findIndex(([other]) => other === name) !== at)
      throw new Error(`There are two images "${name}".`);
  }
  return Object.fromEntries(named);
}

/** What the list says. */
export const imageList = (images: OtherImages): string =>
  `${JSON.stringify([DEFAULT_NAME, ...Object.keys(images)], null, 2)}\n`;
