/** The element of index.html with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found;
}

/**
 * When a part of the page itself could not be loaded: the connection broke, or the site has changed meanwhile. WHY without the
 * library of the other views: that may be the part.
 */
export function showBrokenPage(reason: string): void {
  const sheet = document.createElement("section");
  sheet.className = "sheet";
  sheet.innerHTML = `<h2>A part of this page could not be loaded</h2><p></p><p><a href="">Load the page again</a></p>`;
  const text = sheet.querySelector("p");
  if (text) text.textContent = reason;
  const cover = byId("overlay");
  cover.replaceChildren(sheet);
  cover.hidden = false;
}
