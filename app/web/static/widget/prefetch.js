import { isSet } from './props.js';

/** Unless the page sets its own budget. */
const PREFETCH_BYTES = 24 * 1024 * 1024;

/** Lines on which a clip would stall more than it plays, as the browser calls them. */
const SLOW = new Set(['slow-2g', '2g']);

/**
 * Brings likely clips into the browser's HTTP cache, where the same address plays from about 30 ms later on any network.
 * One at a time and within a budget, so that a visitor's line and data plan are spared.
 */
export class Prefetch {
  #queue = [];
  #known = new Set();
  #left;
  #budget;
  #rests = false;
  /** @type {AbortController|undefined} */ #stop;
  #busy = false;

  /** @param {number} budget_bytes for the life of the page; 0 switches prefetching off */
  constructor(budget_bytes) {
    this.#budget = this.#left = budget_bytes;
  }

  /** @param {number} budget_bytes another budget; what is spent stays spent */
  set budget(budget_bytes) {
    this.#left += budget_bytes - this.#budget;
    this.#budget = budget_bytes;
    this.#run();
  }

  /** @param {boolean} on fetches nothing more until it is switched off again */
  rest(on) {
    this.#rests = on;
    if (on) this.#stop?.abort();
    else this.#run();
  }

  /** @param {string[]} urls most likely first; they go before what still waits from earlier */
  want(urls) {
    const fresh = urls.filter((url) => !this.#known.has(url));
    for (const url of fresh) this.#known.add(url);
    this.#queue.unshift(...fresh);
    this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#queue.length && this.#left > 0 && !this.#rests) await this.#take(this.#queue.shift());
    this.#busy = false;
  }

  async #take(url) {
    const stop = (this.#stop = new AbortController());
    try {
      const answer = await fetch(url, { signal: stop.signal, credentials: 'omit', priority: 'low' });
      const size = Number(answer.headers.get('content-length') ?? 0);
      // A length that is not told would be known too late.
      if (!answer.ok || !size || size > this.#left) stop.abort();
      else this.#left -= (await answer.arrayBuffer()).byteLength;
    } catch {
      // A clip that could not be fetched early is streamed when it is played.
    }
  }
}

/** @param {Element} element the widget @returns {number} what it may fetch ahead in all */
export function prefetchBytes(element) {
  const own = element.getAttribute('prefetch-bytes');
  return savesData(element) ? 0 : own ? Number(own) || 0 : PREFETCH_BYTES;
}

/** @param {Element} element the widget @returns {boolean} whether the page, the visitor or the line asks for few bytes */
export function savesData(element) {
  if (isSet(element, 'save-data')) return true;
  const { saveData, effectiveType } = /** @type {any} */ (navigator).connection ?? {};
  return saveData === true || SLOW.has(effectiveType) || matchMedia('(prefers-reduced-data: reduce)').matches;
}
