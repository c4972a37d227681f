import { guestPortOf, labelOf, shownAddress } from "../shared/address.ts";

/** As the Navigation API gives it; the types do not know it everywhere. */
interface NavigateEvent extends Event {
  readonly destination: { readonly url: string };
  readonly downloadRequest: string | null;
}

/** Links, forms and scripts that go to an address of the guest's own, as `http://localhost:8000/`, go where that is shown. Others are told. */
export function followLinks(outside: (url: string) => void): void {
  const target = (address: string) => {
    const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
    return url && guestPortOf(url) !== null ? shownAddress(url.href, location.href, location.origin) : null;
  };
  const mend = (element: Element, name: "href" | "action") => {
    const to = target(element.getAttribute(name) ?? "");
    if (to !== null) element.setAttribute(name, to);
  };
  for (const type of ["click", "auxclick"])
    addEventListener(
      type,
      (event) => {
        const link = event
          .composedPath()
          .find((each) => each instanceof HTMLAnchorElement || each instanceof HTMLAreaElement);
        if (link instanceof Element) mend(link, "href");
      },
      true,
    );
  addEventListener("submit", ({ target: form }) => form instanceof Element && mend(form, "action"), true);
  const { navigation } = window as { navigation?: EventTarget };
  navigation?.addEventListener("navigate", (event) => {
    const { destination, downloadRequest } = event as NavigateEvent;
    if (!event.cancelable || downloadRequest !== null) return;
    const url = new URL(destination.url);
    const to = target(destination.url);
    if (to !== null) {
      event.preventDefault();
      setTimeout(() => location.assign(to));
    } else if (/^https?:$/.test(url.protocol) && !labelOf(url.hostname)) {
      event.preventDefault();
      outside(url.href);
    }
  });
}
