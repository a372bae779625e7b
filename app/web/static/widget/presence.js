/** Whether the widget is in a page, drawn there, and looked at. */
export class Presence {
  #host;
  #box;
  #off = new AbortController();

  /** @type {() => void} any of it may have changed */ onchange = () => {};
  /** @type {() => void} the widget came into view */ onsight = () => {};

  /** @param {HTMLElement} host @param {HTMLElement} box what is drawn of it */
  constructor(host, box) {
    this.#host = host;
    this.#box = box;
  }

  /** Whether the tab, or the window that it was taken to, is in the background. */
  get isHidden() {
    return this.#host.ownerDocument.hidden;
  }

  /** Whether the page draws it at all: not in a closed tab panel, not made invisible. */
  get isDrawn() {
    const box = this.#box;
    if (!box.isConnected || !box.getClientRects().length) return false;
    // What lies above the page does not fade with it.
    const options = { visibilityProperty: true, opacityProperty: !box.hasAttribute('popover') };
    return box.checkVisibility?.(/** @type {any} */ (options)) ?? getComputedStyle(box).visibility !== 'hidden';
  }

  /** Begins to watch, in the document that the element is in now. @param {boolean} untilSeen tells of the first sight */
  watch(untilSeen) {
    this.ignore();
    this.#off = new AbortController();
    const { signal } = this.#off;
    const page = this.#host.ownerDocument;
    const { ResizeObserver, IntersectionObserver } = /** @type {any} */ (page.defaultView ?? window);
    page.addEventListener('visibilitychange', () => this.onchange(), { signal });
    const size = new ResizeObserver(() => this.onchange());
    size.observe(this.#box);
    signal.addEventListener('abort', () => size.disconnect());
    if (!untilSeen) return;
    const sight = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && this.onsight());
    sight.observe(this.#host);
    signal.addEventListener('abort', () => sight.disconnect());
  }

  ignore() {
    this.#off.abort();
  }
}
