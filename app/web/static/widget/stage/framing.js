/**
 * Which part of the picture the stage shows, so that the face is in it whatever the size, and no caption lies on the mouth.
 *
 * The video fills its element (`object-fit: cover`). Where that would cut the face off, the picture is made smaller: padding
 * leaves bands at its sides. All layers have one frame, so that a cut from one clip to the next moves nothing.
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Box shares of the picture, from its top left corner
 * @typedef {{x: number, y: number, width: number, height: number}} Place of the whole picture on the stage, in pixels
 */

/** Around the box from forehead to chin: hair above it, a little of everything else; shares of the box. */
const ABOVE = 0.35;
const BELOW = 0.06;
const ASIDE = 0.12;
/** Where the picture stands that is higher than the stage and has room: this share of the rest is cut from its top. */
const HIGH = 0.3;
/** Least size, as a share of that at which the whole picture is seen. */
const SMALLEST = 0.75;
/** How much of the picture fades into a band beside it, as a share of its width. */
const SOFT = 0.12;
/** Lines of captions that are left room for. */
const LINES = 2;

export class Framing {
  /** @type {Box|null} */ #face = null;
  #root;
  /** The highest captions so far on a stage of this size: the frame does not change from line to line. */ #words = { of: '', height: 0 };

  /** @param {HTMLElement} root holds the layers */
  constructor(root) {
    this.#root = root;
    const resized = new ResizeObserver(() => this.draw());
    resized.observe(root);
    if (this.#cue) resized.observe(this.#cue);
    root.addEventListener('loadedmetadata', () => this.draw(), true); // of any layer: it does not bubble
  }

  /** @param {Box|undefined} face of the clip that is raised: another frame only for another place, however the head moves in it */
  show(face) {
    if (face && !(this.#face && isNear(this.#face, face))) this.#face = face;
    this.draw(); // also for a layer that was not there before
  }

  draw() {
    const face = this.#face;
    const [width, height] = [this.#root.clientWidth, this.#root.clientHeight];
    if (!face || !width || !height) return;
    const free = height - this.#covered();
    const layers = [...this.#root.querySelectorAll('video')]; // covered ones, too: they are seen in bands
    const known = layers.find((video) => video.videoWidth);
    for (const video of layers) {
      const { videoWidth, videoHeight } = video.videoWidth ? video : (known ?? { videoWidth: 1, videoHeight: 1 });
      put(video, place(face, { width: videoWidth, height: videoHeight }, { width, height, free }), { width, height });
    }
  }

  get #cue() {
    return /** @type {HTMLElement|null|undefined} */ (this.#root.parentElement?.querySelector('.cue'));
  }

  /** @returns {number} pixels at the bottom that captions and controls may cover */
  #covered() {
    const words = this.#cue;
    const bar = /** @type {HTMLElement|null|undefined} */ (words?.nextElementSibling);
    const bottom = words?.parentElement;
    if (!words || !bar || !bottom) return 0;
    const below = bottom.clientHeight - bar.offsetTop;
    if (words.hidden) return below;
    const { lineHeight, marginBottom } = getComputedStyle(words);
    const of = `${this.#root.clientWidth} ${this.#root.clientHeight}`;
    const before = this.#words.of === of ? this.#words.height : LINES * (parseFloat(lineHeight) || 0);
    this.#words = { of, height: Math.max(before, words.offsetHeight) };
    return below + (parseFloat(marginBottom) || 0) + this.#words.height + 4;
  }
}

/** Whether two boxes are about one place of one presenter. @param {Box} one @param {Box} other */
function isNear(one, other) {
  const x = Math.abs(one.x + one.width / 2 - other.x - other.width / 2) / one.width;
  const y = Math.abs(one.y + one.height / 2 - other.y - other.height / 2) / one.height;
  return x < 0.25 && y < 0.25 && Math.abs(one.height - other.height) < 0.3 * one.height;
}

/**
 * The size and place of the whole picture: as large as covers the stage, or as small as the face needs.
 *
 * @param {Box} face @param {{width: number, height: number}} picture
 * @param {{width: number, height: number, free: number}} stage its height, and how much of it from the top nothing covers
 * @returns {Place}
 */
export function place(face, picture, stage) {
  const top = Math.max(0, face.y - ABOVE * face.height);
  const bottom = Math.min(1, face.y + (1 + BELOW) * face.height);
  const wide = Math.min(1, (1 + 2 * ASIDE) * face.width);
  const across = stage.width / picture.width;
  const down = stage.height / picture.height;
  const fits = Math.min(stage.width / (wide * picture.width), stage.free / ((bottom - top) * picture.height));
  const scale = Math.max(SMALLEST * Math.min(across, down), Math.min(Math.max(across, down), fits));
  const [width, height] = [picture.width * scale, picture.height * scale];
  const middle = stage.width / 2 - (face.x + face.width / 2) * width;
  const usual = (stage.height - height) * HIGH;
  const lowest = stage.free - bottom * height;
  const y = Math.min(Math.max(usual, -top * height), lowest);
  return { x: within(middle, stage.width - width), y: within(y, stage.height - height, lowest), width, height };
}

/** Without bands where the picture is larger than the stage; with equal ones where it is smaller, unless that is too low. */
function within(at, rest, lowest = rest) {
  return rest > 0 ? Math.max(0, Math.min(rest / 2, lowest)) : Math.min(0, Math.max(rest, at));
}

/** @param {HTMLVideoElement} video @param {Place} place @param {{width: number, height: number}} stage */
function put(video, { x, y, width, height }, stage) {
  const [right, below] = [stage.width - x - width, stage.height - y - height];
  const band = (/** @type {number} */ px) => `${Math.max(0, px).toFixed(2)}px`;
  video.style.padding = `${band(y)} ${band(right)} ${band(below)} ${band(x)}`;
  video.style.objectPosition = `${share(x, right)} ${share(y, below)}`;
  const [first, last] = [Math.max(0, x), stage.width - Math.max(0, right)];
  const soft = Math.min(SOFT * width, first, stage.width - last);
  const edges = `#0000 ${first}px, #000 ${first + soft}px, #000 ${last - soft}px, #0000 ${last}px`;
  video.style.maskImage = soft > 0 ? `linear-gradient(to right, ${edges})` : '';
}

/** What is cut from the start, of all that is cut. @param {number} start @param {number} end */
function share(start, end) {
  const [cut, all] = [Math.max(0, -start), Math.max(0, -start) + Math.max(0, -end)];
  return `${all > 0 ? ((100 * cut) / all).toFixed(3) : 50}%`;
}
