/**
 * Shows one clip at a time and never shows nothing.
 * Three stacked, opaque `<video>` elements: the idle loop and two that take turns for clips. A layer is raised above the
 * others once it holds a frame, by a cut: a fade shows two heads. None is ever lowered or hidden: uncovering a layer lets
 * the page shine through for a frame or two. The elements live as long as the stage, and so does sound allowed once.
 *
 * @typedef {import('./wire.js').Clip} Clip
 * @typedef {{clip: Clip, video: HTMLVideoElement, done: Promise<Outcome>, finish: (how: Outcome) => void}} Playing
 * @typedef {'ended'|'failed'|'stopped'|'superseded'|'still'} Outcome
 * @typedef {'now'|'phrase'|'end'} When replace what plays now, at the end of its phrase, or when it has ended
 */

import { Faces, begin, firstFrame, makeLayer, moment, seconds, setCues } from './layer.js';

/** How long the layer that was covered still shows, in a browser that is late. */
const COVERED_MS = 170;
/** How long a moved video may take to be paused by the browser. */
const SETTLED_MS = 100;
/** The longest that a clip may stand still. */
const STALLED_MS = 8_000;
/** How long before a clip ends the idle loop begins under it, so that it moves already when it is raised. */
const LEAD_S = 0.2;

/** What is needed where a line or a browser is slow. */
const slow = (use) => import(`./stage/slow.js`).then(use, () => {});

export class Stage {
  #root;
  #layers;
  #faces;
  /** @type {import('./stage/loops.js').Loops|undefined} once there is more than one */ #loops;
  #still = false;
  #top = 0;
  #height = 1;
  #run = 0;
  /** Which run each layer works for. @type {Map<HTMLVideoElement, number>} */ #claims = new Map();
  #sound = false;
  #moving = false;
  #idle = '';
  /** The loop of which a frame has come since it was last woken. */ #drawn = '';
  /** @type {Playing|null} */ #now = null;
  /** It was made to pause, because somebody may be speaking. */ ducked = false;

  /** @type {(clip: Clip|null) => void} what plays, null for the idle loop */ onclip = () => {};
  /** @type {(event: string, clip: Clip, at_s: number) => void} */ onplayback = () => {};
  /** @type {(text: string) => void} */ oncue = () => {};
  /** @type {() => boolean} whether anybody can see the stage: nothing speaks from nowhere */ isSeen = () => true;
  /** @type {() => void} the browser refused sound */ onmuted = () => {};
  /** @type {(still: boolean) => void} */ onstill = () => {};
  /** @type {() => void} it speaks, and was hidden by the page */ onunseen = () => {};

  /** @param {HTMLElement} root @param {{still?: boolean}} [options] `still` shows the poster until motion is asked for */
  constructor(root, { still = false } = {}) {
    this.#still = still;
    this.#root = root;
    this.#layers = [true, false, false].map((isBase) => makeLayer(root, isBase));
    this.#faces = new Faces(root);
    for (const video of this.#layers.slice(1)) video.textTracks[0].oncuechange = () => this.#showCue(video);
  }

  get still() {
    return this.#still;
  }

  /** @returns {Playing|null} what plays, or waits to go on */
  get now() {
    return this.#now;
  }

  /** How far the clip that plays has come. */
  get at_s() {
    return this.#now ? seconds(this.#now.video) : 0;
  }

  get muted() {
    return !this.#sound;
  }

  /** @param {string} url shown until there is a frame, and whenever video fails */
  set poster(url) {
    if (url) this.#layers[0].poster = url;
    else this.#layers[0].removeAttribute('poster');
  }

  /** @param {Clip|null|undefined} clip the loop of the waiting presenter @param {import('./stage/loops.js').Wardrobe} more others */
  idle(clip, more) {
    if (!clip?.url) return;
    if (!this.#still) setTimeout(slow, 1000); // once there is time: words over a picture are wanted when the line is gone
    if (!this.#loops && clip.url !== this.#idle) {
      this.#idle = clip.url;
      this.#faces.note(this.#layers[0], clip);
      if (this.#top === 0) this.#faces.show(this.#layers[0]);
      if (clip.poster) this.poster = clip.poster;
      if (!this.#still) this.#wakeIdle();
    }
    if (!this.#loops && (!more.loops || this.#still)) return;
    import(`./stage/loops.js`).then(({ Loops }) => (this.#loops ??= new Loops(this, this.#root, { makeLayer, firstFrame })).dress({ ...more, first: clip }), () => {}); // without it one loop will do
  }

  /** Plays a clip and returns to the idle loop. A later `play` or `stop` supersedes it. @param {Clip} clip @param {{when?: When}} [options] @returns {Promise<Outcome>} */
  async play(clip, { when = 'now' } = {}) {
    const run = ++this.#run;
    if (this.#still || !this.isSeen()) return this.#skip(clip);
    await moment(this.#now, when);
    if (run !== this.#run) return 'superseded';
    const video = this.#free();
    if (!(await this.#load(video, clip))) return run === this.#run ? this.#recite(clip, run, 0) : 'superseded';
    if (run !== this.#run) return 'superseded';
    const outcome = await this.#watch(video, clip);
    if (run === this.#run) {
      if (outcome === 'failed') return this.#recite(clip, run, seconds(video));
      await this.#home(run);
    }
    return outcome;
  }

  /** Falls silent at once. */
  stop() {
    this.#now?.video.pause();
    this.#finish('stopped');
    this.onclip(null);
    return this.#home(++this.#run);
  }

  /** Sound on or off. Switching it on needs a click or key press: browsers refuse it otherwise. */
  mute(on) {
    this.#sound = !on;
    for (const video of this.#layers.slice(1)) {
      video.muted = on;
      if (!on && !video.src) this.#bless(video);
    }
  }

  /** Holds the picture, or lets it move again. While held, clips are left to their words. */
  hold(on) {
    this.#still = on;
    if (on) (this.#now?.video ?? this.#layers[0]).pause();
    else if (this.#now) this.#now.video.play().catch(() => this.#finish('failed'));
    else this.#wakeIdle();
    this.onstill(on);
  }

  /** Spares the idle loop while nobody can see it. */
  rest(on) {
    if (on) this.#layers[0].pause();
    else if (this.#still) return;
    else if (this.#now?.video.paused) this.hold(false);
    else if (this.#top === 0) this.#wakeIdle();
  }

  /** It goes to another place of the page, or to another document. Browsers pause what moves, which nobody asked for. */
  move() {
    this.#moving = true;
  }

  /** It has arrived; what was paused on the way goes on. */
  arrive() {
    setTimeout(() => {
      this.#moving = false;
      const now = this.#now;
      if (now && !this.#still && now.video.paused && !now.video.ended) now.video.play().catch(() => now.finish('failed'));
    }, SETTLED_MS);
  }

  /** The layer of the waiting presenter, if it shows and moves. */
  get waiting() {
    const [base] = this.#layers;
    return this.#top === 0 && !base.paused && this.isSeen() ? base : null;
  }

  /** Another loop takes the place of the one of before: at once if no clip plays. @returns {HTMLVideoElement} a free layer */
  replace(video, clip) {
    const [old] = this.#layers;
    this.#layers[0] = video;
    this.#idle = this.#drawn = clip.url;
    this.#faces.note(video, clip);
    if (this.#top === 0) this.#raise(0, old);
    return old;
  }

  // ---- the way to the first frame

  /** The clip layer that does not show; of two such the one that was not used last, whose end may still be fading out. */
  #free() {
    const [, one, other] = this.#layers;
    if (this.#top > 0) return this.#top === 1 ? other : one;
    return (this.#claims.get(one) ?? 0) > (this.#claims.get(other) ?? 0) ? other : one;
  }

  /** @returns {Promise<boolean>} whether the clip now shows */
  async #load(video, clip) {
    const run = this.#run;
    this.#claims.set(video, run);
    setCues(video, clip.captions ?? []);
    this.#faces.note(video, clip);
    video.muted = !this.#sound;
    video.src = clip.url;
    if (clip.waits && (await slow(({ gathered }) => gathered(video)), run !== this.#run)) return false;
    const isThere = await Promise.all([this.#start(video), firstFrame(video)]).then(() => true, () => false);
    if (isThere && run === this.#run) this.#raise(this.#layers.indexOf(video));
    else if (this.#claims.get(video) === run) video.pause(); // late or superseded: it must not be heard from behind
    return isThere;
  }

  async #start(video) {
    try {
      await video.play();
    } catch (/** @type {any} */ error) {
      if (error.name !== 'NotAllowedError' || video.muted) throw error;
      this.mute(true);
      this.onmuted();
      await video.play();
    }
  }

  #raise(index, old = this.#layers[this.#top]) {
    const video = this.#layers[index];
    if (video === old) return;
    this.#height += 1;
    this.#top = index;
    this.#faces.show(video); // not before: what still shows would jump
    video.style.zIndex = String(this.#height);
    const claim = this.#claims.get(old);
    setTimeout(() => {
      if (this.#claims.get(old) === claim) this.#settle(old);
      if (!this.#layers[0].paused) this.#settle(this.#layers[0]); // begun under a clip that another one replaced
    }, COVERED_MS);
  }

  /** Pauses a covered layer that has nothing new to show; the idle loop goes back to the pose in which clips end. */
  #settle(video) {
    if (video === this.#layers[this.#top]) return;
    video.pause();
    if (video === this.#layers[0]) video.currentTime = 0;
  }

  // ---- while it plays

  async #watch(video, clip) {
    this.#finish('superseded');
    const now = (this.#now = begin(video, clip));
    const off = new AbortController();
    const on = (type, listener) => video.addEventListener(type, listener, { signal: off.signal });
    let stalled;
    on('ended', () => now.finish('ended'));
    on('error', () => now.finish('failed'));
    on('playing', () => (stalled = clearTimeout(stalled)));
    on('waiting', () => {
      this.onplayback('stalled', clip, seconds(video));
      stalled ??= setTimeout(() => now.finish('failed'), STALLED_MS);
    });
    // The keyboard's media keys and the system may pause a video, too.
    on('pause', () => this.#isPausedByHand(now) && this.hold(true));
    on('timeupdate', () => this.isSeen() || this.#moving || this.onunseen());
    on('play', () => this.#now === now && this.#still && this.hold(false));
    this.onplayback('started', clip, 0);
    this.onclip(clip);
    this.#showCue(video);
    this.#approach(now);
    slow(({ keepGoing }) => keepGoing(video, off.signal));
    const outcome = await now.done;
    clearTimeout(stalled);
    off.abort();
    if (this.#now === now) {
      this.#now = null;
      this.oncue('');
    }
    if (outcome === 'ended') this.onplayback('ended', clip, seconds(video));
    return outcome;
  }

  #isPausedByHand(now) {
    const { video } = now;
    const isAsked = video.isConnected && !this.#moving && !video.ended && !video.ownerDocument.hidden;
    return isAsked && this.#now === now && !this.#still && !this.ducked && this.isSeen();
  }

  /** @param {Playing} now looked at frame by frame, until its end is near */
  #approach(now) {
    now.video.requestVideoFrameCallback?.((_, { mediaTime }) => {
      if (this.#now !== now || this.#still) return;
      if (now.video.duration - mediaTime > LEAD_S) this.#approach(now);
      else this.#wakeIdle();
    });
  }

  #finish(how) {
    this.#now?.finish(how);
  }

  #showCue(video) {
    if (this.#now?.video !== video) return;
    this.oncue([...(video.textTracks[0].activeCues ?? [])].map((cue) => /** @type {VTTCue} */ (cue).text).join('\n'));
  }

  // ---- without a picture

  /** A still stage leaves the answer to its words; the server hears that the clip is over, seen for 0 s. @returns {Outcome} */
  #skip(clip) {
    this.#finish('stopped');
    this.#raise(0);
    this.onplayback('ended', clip, 0);
    this.onclip(null);
    return 'still';
  }

  /** The clip cannot be played on: its captions run over the picture instead. @param {number} at_s where it broke off @returns {Promise<Outcome>} */
  async #recite(clip, run, at_s) {
    this.onplayback('failed', clip, at_s);
    await this.#home(run);
    await slow(({ recite }) => recite(clip, at_s, (text) => run === this.#run && (this.oncue(text), true)));
    return run === this.#run ? 'failed' : 'superseded';
  }

  async #home(run) {
    const [base] = this.#layers;
    if (this.#top !== 0 && !this.#still && this.#idle && !this.#moves && this.isSeen()) {
      const drawn = firstFrame(base);
      this.#wakeIdle(); // not waited for: where WebKit plays without data, it never says that it does
      await drawn.catch(() => {});
    }
    if (run !== this.#run) return;
    this.#raise(0);
    if (base.paused && !this.#still && this.isSeen()) this.#wakeIdle(); // laid to rest under the clip while its frame was waited for
    this.oncue('');
    this.onclip(null);
  }

  /** Whether the idle loop runs and has drawn: it may be raised at once, another frame would be waited for in vain. */
  get #moves() {
    const [base] = this.#layers;
    return this.#drawn === this.#idle && !base.paused && !base.seeking && base.readyState >= 3;
  }

  async #wakeIdle() {
    const [[base], url] = [this.#layers, this.#idle];
    if (!url) return;
    if (base.getAttribute('src') !== url) base.src = url;
    this.#drawn = '';
    base.requestVideoFrameCallback?.(() => base.getAttribute('src') === url && (this.#drawn = url));
    await base.play().catch(() => {}); // refused (Low Power Mode) or missing: the poster stays
  }

  /** iOS grants sound to each element apart, within the click: the soundless idle loop starts it under cover. */
  #bless(video) {
    if (!this.#idle) return video.load();
    video.src = this.#idle;
    video.play().then(() => video !== this.#layers[this.#top] && !this.#now && video.pause(), () => {});
  }
}
