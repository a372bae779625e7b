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

/** The longest that the end of a phrase is waited for. */
const LONGEST_PHRASE_S = 1.5;

/** Waits until the clip that plays may be replaced. @param {import('./stage.js').Playing|null} now @param {import('./stage.js').When} when */
export function moment(now, when) {
  if (when === 'now' || !now) return Promise.resolve();
  const { clip, video, done } = now;
  if (when === 'end') return done;
  const at_s = video.currentTime;
  const cue = (clip.captions ?? []).find(({ start_s, end_s }) => start_s <= at_s && at_s < end_s);
  return Promise.race([done, sleep(cue ? Math.min(cue.end_s - at_s, LONGEST_PHRASE_S) * 1000 : 0)]);
}

/** Where the face is on each layer: that of the layer on top is kept in view, and out of captions' way. */
export class Faces {
  /** @type {Promise<void>|undefined} */ #loading;
  /** @type {import('./stage/framing.js').Framing|undefined} once a clip knows its face */ #framing;
  /** @type {Map<HTMLVideoElement, import('./stage/framing.js').Box|undefined>} */ #known = new Map();
  /** @type {HTMLVideoElement|undefined} */ #top;
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** @param {HTMLVideoElement} video @param {import('./wire.js').Clip} clip that it is going to show */
  note(video, { face }) {
    this.#known.set(video, face);
    if (face) this.#loading ??= import(`./stage/framing.js`).then(({ Framing }) => {
      this.#framing = new Framing(this.#root);
      this.show(this.#top);
    }, () => {}); // without it the middle of the picture shows
  }

  /** @param {HTMLVideoElement|undefined} video is on top from now on */
  show(video) {
    this.#top = video;
    if (video) this.#framing?.show(this.#known.get(video));
  }
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

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
