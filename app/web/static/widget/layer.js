/** One of the stacked videos of the stage. */

/** The longest that a first frame is waited for. */
const FIRST_FRAME_MS = 12_000;

/** @param {HTMLElement} root @param {boolean} isBase the idle loop's @returns {HTMLVideoElement} */
export function makeLayer(root, isBase) {
  const video = document.createElement('video');
  video.className = 'layer';
  video.playsInline = true;
  video.muted = true;
  video.preload = 'auto';
  video.loop = isBase;
  video.disablePictureInPicture = true;
  video.tabIndex = -1;
  video.setAttribute('aria-hidden', 'true');
  if (isBase) video.style.zIndex = '1';
  else video.addTextTrack('captions').mode = 'hidden';
  root.append(video);
  return video;
}

/** Captions come with the message: no request, no CORS, and the browser keeps the time. */
export function setCues(video, captions) {
  const [track] = video.textTracks;
  for (const cue of [...(track.cues ?? [])]) track.removeCue(cue);
  for (const { start_s, end_s, text } of captions) if (end_s > start_s) track.addCue(new VTTCue(start_s, end_s, text));
}

/** How long after it began to play an element has surely drawn. */
const DRAWN_MS = 250;

/**
 * Resolves when the element holds a frame. Some browsers have no frame callback, and WebKit does not always call, hence the
 * clock; an element that plays already sends no `playing` any more, and WebKit plays a covered one on without ever saying
 * that it has data: then its time tells.
 *
 * @param {HTMLVideoElement} video
 */
export function firstFrame(video) {
  const off = new AbortController();
  return new Promise((resolve, reject) => {
    const on = (type, listener) => video.addEventListener(type, listener, { signal: off.signal, once: true });
    video.requestVideoFrameCallback?.(resolve);
    on('playing', () => setTimeout(resolve, DRAWN_MS));
    const from_s = video.currentTime;
    const moved = () => !video.paused && !video.seeking && video.currentTime !== from_s && setTimeout(resolve, DRAWN_MS);
    video.addEventListener('timeupdate', moved, { signal: off.signal });
    if (!video.paused && !video.seeking && video.readyState >= 3) setTimeout(resolve, DRAWN_MS);
    on('error', () => reject(video.error));
    setTimeout(() => reject(new Error('no frame in time')), FIRST_FRAME_MS);
  }).finally(() => off.abort());
}

/** How often a clip is looked at. */
const LOOK_MS = 500;

/**
 * Sets a clip going again that says it plays and stands still: WebKit without a sound device lets a silent one do so.
 *
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal ends that
 */
export function keepGoing(video, signal) {
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

export function seconds(video) {
  return Math.round(video.currentTime * 1000) / 1000;
}

/** A clip on a layer, until it is over one way or another. @returns {import('./stage.js').Playing} */
export function begin(video, clip) {
  const playing = /** @type {import('./stage.js').Playing} */ ({ video, clip });
  playing.done = new Promise((resolve) => (playing.finish = resolve));
  return playing;
}

/**
 * Says a clip's captions in their time.
 *
 * @param {import('./wire.js').Clip} clip
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

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
