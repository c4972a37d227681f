/** Every file of the built site; `revision` is null where the name has a hash in it. Relative to the service worker. */
declare const SITE_FILES: readonly { readonly url: string; readonly revision: string | null }[];

/** Unlike that of a site with other files. */
declare const SITE_VERSION: string;
