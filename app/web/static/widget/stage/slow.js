/** What a bad line or a slow browser needs: patience before a clip, a push while it plays, its words where it does not. */

/** How often a clip is looked at. */
const LOOK_MS = 500;

/**
 * Sets a clip going again that says it plays and stands still: WebKit without a sound device lets a silent one do so.
 *
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal ends that
 */
export function keepGoing(video, signal) {
  if (signal.aborted) return; // this module came after the clip's end
  let at_s = -1;
  const look = setInterval(() => {
    if (!video.paused && video.currentTime === at_s) video.play().catch(() => {});
    at_s = video.currentTime;
  }, LOOK_MS);
  signal.addEventListener('abort', () => clearInterval(look));
}

/** The longest that a clip is gathered before it begins. */
const GATHERING_MS = 8000;

/**
 * Resolves when the browser thinks that it can play on to the end, at the pace at which the clip comes; or when it loads no
 * more, as where nothing is loaded before `play`.
 */
export function gathered(video) {
  const off = new AbortController();
  return new Promise((resolve) => {
    for (const type of ['canplaythrough', 'suspend', 'error']) video.addEventListener(type, resolve, { signal: off.signal });
    setTimeout(resolve, GATHERING_MS);
  }).finally(() => off.abort());
}

/**
 * Says a clip's captions in their time.
 *
 * @param {import('../wire.js').Clip} clip
 * @param {number} at_s
 * @param {(text: string) => boolean} say false ends it
 * @returns {Promise<boolean>} whether it got to the end
 */
export async function recite({ captions = [] }, at_s, say) {
  for (const { start_s, end_s, text } of captions) {
    if (end_s <= at_s) continue;
    await sleep((start_s - at_s) * 1000);
    if (!say(text)) return false;
    await sleep((end_s - Math.max(start_s, at_s)) * 1000);
    if (!say('')) return false;
    at_s = end_s;
  }
  return true;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
