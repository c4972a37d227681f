/**
 * Whether this page stands in a page of another origin. WHY asked in the page too: the header that forbids it for all pages but `embed.html` is not sent by
 * every host.
 */
export function isFramedByStranger(here: Window = window): boolean {
  for (let each = here; each !== each.parent; each = each.parent) {
    try {
      if (each.parent.location.origin !== here.origin) return true;
    } catch {
      return true;
    }
  }
  return false;
}
