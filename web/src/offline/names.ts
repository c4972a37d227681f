/** What the page and its service worker call the things that both know. `folder`: the address of the site's folder, with the slash at its end. */

/** The cache with the files of one version of the site has this, and then the version. */
export const siteCaches = (folder: string): string => `warmboot-site ${folder} `;

/** The cache with what a machine of the site's image starts from. */
export const imageCache = (folder: string): string => `warmboot-image ${folder}`;

/** A page holds the lock of its first script, shared: the files of the version that has this script are needed. */
export const pageLock = (script: string): string => `warmboot-page ${script}`;

/** What a page asks of the service worker. */
export type ToServiceWorker =
  /** Go on in the place of the version before. */
  | "activate"
  /** Delete the files of versions that no page is of. */
  | "tidy";
