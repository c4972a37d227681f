import type { NetworkOptions } from "warmboot";

/**
 * The relay that the site offers its machines; nothing when it has none. WHY not from the address of the page: a link must not choose through whose
 * hands a machine's traffic goes.
 */
export function siteNetwork(): { readonly network?: NetworkOptions } {
  const relay = document.querySelector<HTMLMetaElement>('meta[name="warmboot-relay"]')?.content ?? "";
  return relay === "" ? {} : { network: { relay } };
}
