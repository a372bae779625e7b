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

/**
 * Resolves when the element holds a frame. Older WebKit does not call back for a covered video, hence the clock.
 *
 * @param {HTMLVideoElement} video
 */
export function firstFrame(video) {
  const off = new AbortController();
  return new Promise((resolve, reject) => {
    const on = (type, listener) => video.addEventListener(type, listener, { signal: off.signal, once: true });
    video.requestVideoFrameCallback?.(resolve);
    on('playing', () => setTimeout(resolve, 250));
    on('error', () => reject(video.error));
    setTimeout(() => reject(new Error('no frame in time')), FIRST_FRAME_MS);
  }).finally(() => off.abort());
}

export function seconds(video) {
  return Math.round(video.currentTime * 1000) / 1000;
}
