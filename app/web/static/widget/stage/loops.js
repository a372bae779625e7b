/**
 * What the waiting presenter does: she idles in turns of several loops, listens while the visitor types or speaks, and
 * thinks while an answer is awaited. One more layer takes the next loop; once it holds a frame, it takes the place of the
 * one that shows. Every loop begins and ends in the pose of every clip.
 *
 * @typedef {import('../wire.js').Clip} Clip
 * @typedef {'idle'|'listening'|'thinking'} Motion
 * @typedef {{loops?: Partial<Record<Motion, Clip[]>>, of: (clip: Clip) => Clip & {waits?: boolean}, first?: Clip}} Wardrobe
 *   `of` chooses a rendition for this screen and line
 * @typedef {{makeLayer: typeof import('../layer.js').makeLayer, firstFrame: typeof import('../layer.js').firstFrame}} Tools
 */

/** An answer that comes at once is not thought about. */
const THINKS_AFTER_MS = 350;
/** How long a visitor who stops typing is listened to. */
const TYPED_MS = 4000;
/** How long before its end the loop after it is fetched, and begun. */
const FETCH_S = 1.5;
const BEGIN_S = 0.3;
/** How long a layer that was covered is left alone. */
const COVERED_MS = 250;

export class Loops {
  #stage;
  #tools;
  /** @type {{of: (clip: Clip) => any}} */ #more = { of: (clip) => clip };
  #known = '';
  /** @type {Record<Motion, Clip[]>} those that may be shown; the first of each is the next */ #rest = { idle: [], listening: [], thinking: [] };
  /** @type {HTMLVideoElement} */ #spare;
  /** @type {Motion|''} none, while what shows is another presenter's */ #now = 'idle';
  #state = '';
  #isHeard = false;
  #typed = 0;
  #run = 0;
  #covered = 0;
  #timer;
  #isDue = false;

  /** @param {import('../stage.js').Stage} stage @param {HTMLElement} root @param {Tools} tools */
  constructor(stage, root, tools) {
    this.#stage = stage;
    this.#tools = tools;
    this.#spare = this.#follow(tools.makeLayer(root, true));
    this.#spare.style.zIndex = '0';
    for (const video of root.querySelectorAll('video')) if (video.loop && video !== this.#spare) this.#follow(video);
    this.#hear(/** @type {ShadowRoot} */ (root.getRootNode()));
  }

  /** A session has begun, or goes on: its loops take the place of those of another presenter. @param {Wardrobe & {first: Clip}} more */
  dress(more) {
    const { loops = {}, first } = more;
    const known = JSON.stringify([first, ...Object.values(loops).flat().map(more.of)].map(({ url }) => url));
    this.#more = more;
    if (known === this.#known) return;
    const isFirst = !this.#known;
    this.#known = known;
    const [idle, listening = [], thinking = []] = [shuffled(loops.idle ?? []), loops.listening, loops.thinking];
    this.#rest = { idle: isFirst ? [...idle, first] : [first, ...idle], listening: [...listening], thinking: [...thinking] };
    if (isFirst) return; // it shows already
    this.#now = '';
    this.#change(this.#rest[this.#wanted].length ? this.#wanted : 'idle');
  }

  #hear(shadow) {
    const { host } = shadow;
    host.addEventListener('greenroom:state', ({ detail }) => {
      this.#state = detail.state;
      if (detail.state === 'thinking') this.#typed = 0;
      this.#look(detail.state === 'thinking' ? THINKS_AFTER_MS : 0);
    });
    host.addEventListener('greenroom:voice', ({ detail: { listening, handsFree, phase } }) => {
      this.#isHeard = listening && (!handsFree || phase === 'hearing');
      this.#look();
    });
    const input = shadow.querySelector('textarea.input');
    input?.addEventListener('input', () => {
      this.#typed = input.value.trim() ? Date.now() : 0;
      this.#look();
    });
  }

  /** @returns {Motion} */
  get #wanted() {
    if (this.#state === 'thinking') return 'thinking';
    return this.#isHeard || Date.now() - this.#typed < TYPED_MS ? 'listening' : 'idle';
  }

  /** Changes to what she is to do now. A loop that may be left at its end, is. */
  #look(after_ms = 0) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const wanted = this.#wanted;
      if (wanted !== this.#now && !(wanted === 'idle' && this.#now === 'listening' && this.#state !== 'speaking')) this.#change(wanted);
    }, after_ms);
  }

  #follow(video) {
    video.addEventListener('timeupdate', () => video === this.#stage.waiting && this.#near(video));
    return video;
  }

  /** A loop comes to its end: another one follows it. */
  #near({ duration, currentTime }) {
    const left_s = duration - currentTime;
    const [next] = this.#rest[this.#wanted];
    if (!(left_s < FETCH_S) || this.#isDue || !next || (this.#wanted === this.#now && this.#now !== 'idle')) return;
    this.#isDue = true;
    this.#fetch(this.#more.of(next));
    setTimeout(() => {
      this.#isDue = false;
      if (this.#stage.waiting && this.#wanted === 'idle') this.#change('idle');
    }, Math.max(0, left_s - BEGIN_S) * 1000);
  }

  #fetch({ url, waits }) {
    if (!waits && Date.now() >= this.#covered && this.#spare.getAttribute('src') !== url) this.#spare.src = url;
  }

  /** @param {Motion} motion */
  async #change(motion) {
    const stage = this.#stage;
    const run = ++this.#run;
    const [next] = this.#rest[motion];
    const clip = next && { ...this.#more.of(next), ...(!this.#now && { waits: false }) }; // another presenter's face goes first
    if (!clip || clip.waits || stage.still || !stage.isSeen()) { // a slow line has better things to carry
      if (Date.now() >= this.#covered) this.#spare.pause(); // a run that this one has ended may have begun it
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, this.#covered - Date.now()));
    if (run !== this.#run) return;
    const video = this.#spare;
    this.#fetch(clip);
    video.currentTime = 0;
    const shown = await Promise.all([this.#tools.firstFrame(video), video.play()]).then(() => true, () => false);
    if (run !== this.#run) return; // the layer is a later run's, which has ended this one's play
    const isLate = motion !== this.#wanted && this.#rest[this.#wanted].length > 0; // as when the answer came meanwhile
    if (isLate && (!stage.now || motion === 'thinking')) return video.pause(); // under a clip she may go on to listen
    if (!shown) this.#rest[motion].shift(); // it is not there, or does not play
    if (!shown || stage.still || !stage.isSeen()) return video.pause();
    this.#rest[motion].push(.../** @type {Clip[]} */ ([this.#rest[motion].shift()]));
    this.#now = motion;
    this.#covered = Date.now() + COVERED_MS;
    this.#spare = stage.replace(video, clip);
    if (video !== stage.waiting) video.pause(); // a clip plays: it is begun again under the clip's end
  }
}

/** @template T @param {T[]} all @returns {T[]} */
function shuffled(all) {
  return all.map((one) => /** @type {const} */ ([Math.random(), one])).sort(([a], [b]) => a - b).map(([, one]) => one);
}
