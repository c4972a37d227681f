/** As long as this it must have been seen. */
const SEEN_MS = 500;
/** The least that browsers allow. */
const DELAY_MS = 100;

/** Of the second version of the interface, which not all browsers have. */
interface Visibility {
  readonly isVisible?: boolean;
}

/**
 * Has a button take clicks only while a person can see it: all of it is in view, and, where the browser can tell, nothing is over it and it is not
 * transparent. WHY: the page around this one could lay itself over the button, and have somebody press it who knows nothing of it.
 */
export function whenSeen(button: HTMLButtonElement): void {
  button.disabled = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const options = { threshold: [0, 1], trackVisibility: true, delay: DELAY_MS };
  new IntersectionObserver((entries) => {
    const last = entries.at(-1) as (IntersectionObserverEntry & Visibility) | undefined;
    const isSeen = !!last && last.intersectionRatio >= 1 && last.isVisible !== false;
    clearTimeout(timer);
    if (!isSeen) button.disabled = true;
    else
      timer = setTimeout(() => {
        button.disabled = false;
      }, SEEN_MS);
  }, options).observe(button);
}
