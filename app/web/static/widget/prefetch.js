import { isSet } from './props.js';

/** Unless the page sets its own budget. */
const PREFETCH_BYTES = 24 * 1024 * 1024;

/** Lines on which a clip would stall more than it plays, as the browser calls them. */
const SLOW = new Set(['slow-2g', '2g']);

/** Bytes a second of the newest clip that was fetched; 1 for a minute after one that stalled, 0 before the first. */
let rate = 0;

/** A line that is not so much faster than a clip will stall in the middle of it. */
const MARGIN = 1.5;

/** How much a picture may be enlarged before it is seen. */
const ENLARGED = 1.1;

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
    const began = performance.now();
    try {
      const answer = await fetch(url, { signal: stop.signal, credentials: 'omit', priority: 'low' });
      const size = Number(answer.headers.get('content-length') ?? 0);
      // A length that is not told would be known too late.
      if (!answer.ok || !size || size > this.#left) stop.abort();
      else {
        this.#left -= (await answer.arrayBuffer()).byteLength;
        const took_s = (performance.now() - began) / 1000;
        if (took_s > 0.05) rate = size / took_s; // quicker is the browser's cache
      }
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

/** How long a stall tells how fast the line is: a line that was bad for a moment is not bad for the life of the page. */
const STALL_MS = 60_000;
let forgetting;

/** A clip stalled: the line is slower than the clip, until one that is fetched tells how fast it is, or for a minute. */
export function stalled() {
  rate = 1;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => rate === 1 && (rate = 0), STALL_MS);
}

/**
 * The rendition that suits line and stage. `waits` marks one that the line cannot carry as fast as it plays.
 *
 * @template {{url: string, duration_s?: number, size_bytes?: number, alternatives?: {url: string, height: number, size_bytes: number}[]}} C
 * @param {Element} element the widget
 * @param {C} clip
 * @returns {C & {waits?: boolean}}
 */
export function fitting(element, clip) {
  const { size_bytes = 0, duration_s = 0, alternatives: [small] = [] } = clip;
  const line = rate || (/** @type {any} */ (navigator).connection?.downlink ?? Infinity) * 125_000;
  const isSlow = (bytes) => bytes * MARGIN > line * duration_s;
  const video = element.shadowRoot?.querySelector('video');
  const side = Math.max(video?.clientWidth ?? 0, video?.clientHeight ?? 0) * devicePixelRatio;
  if (small && (savesData(element) || isSlow(size_bytes) || (side && side <= small.height * ENLARGED)))
    return { ...clip, url: small.url, waits: isSlow(small.size_bytes) };
  return { ...clip, waits: isSlow(size_bytes) };
}
