/** One question asked aloud, heard by the site's own recogniser; it is used as `Voice` is, where the browser cannot hear. */

import { Capture, NoMicrophone } from './capture.js';
import { Detector, PIECE_MS } from './detector.js';
import { recognise } from './listen.js';

/** Who says nothing for so long after the click will say nothing. */
const PATIENCE_MS = 8000;

export class RemoteVoice {
  #ears;
  /** @type {Capture|null} */ #capture = null;
  /** @type {AbortController|null} from the click to the words */ #run = null;
  #detector = new Detector();
  /** @type {Float32Array[]} */ #pieces = [];
  #locale = '';
  #isUsed = false;

  /** @type {(words: string) => void} the visitor has spoken; empty if nothing was understood */ onsaid = () => {};
  /** @type {(trouble: 'blocked'|'missing'|'unheard') => void} */ ontrouble = () => {};
  /** @type {(isListening: boolean) => void} */ onchange = () => {};
  /** @type {(phase: 'listening'|'hearing'|'thinking') => void} */ onphase = () => {};

  /** @param {import('./listen.js').Ears} ears */
  constructor(ears) {
    this.#ears = ears;
  }

  get isListening() {
    return this.#run !== null;
  }

  /** @param {string} locale BCP 47 tag of the language that is spoken */
  async start(locale) {
    if (this.#run) return;
    const run = (this.#run = new AbortController());
    const capture = (this.#capture = new Capture());
    this.#detector = new Detector();
    this.#pieces = [];
    this.#locale = locale;
    this.#isUsed = false;
    capture.onpiece = (piece) => this.#hear(piece);
    capture.onlost = () => this.#over(run, 'missing');
    try {
      await capture.open();
      if (run === this.#run) this.onchange(true);
    } catch (error) {
      this.#over(run, error instanceof NoMicrophone ? error.trouble : 'unheard');
    }
  }

  /** What was said is complete; `onsaid` follows. */
  async finish() {
    const run = this.#run;
    if (!run || !this.#capture) return;
    this.#release();
    if (!this.#pieces.length) return this.#over(run, 'unheard');
    this.onphase('thinking');
    const { signal } = run;
    const words = await recognise(this.#ears, this.#pieces, { locale: this.#locale, signal }).catch(() => '');
    this.#over(run, words ? null : 'unheard', words);
  }

  /** What was said is forgotten. */
  cancel() {
    if (this.#run) this.#over(this.#run);
  }

  /** @param {Float32Array} piece */
  #hear(piece) {
    this.#pieces.push(piece);
    const news = this.#detector.hear(piece);
    if (news === 'spoke') {
      this.#isUsed = true;
      this.onphase('hearing');
    }
    const past_ms = this.#pieces.length * PIECE_MS;
    if (news === 'ended' || past_ms >= this.#ears.speech_s * 1000 || (!this.#isUsed && past_ms > PATIENCE_MS)) this.finish();
  }

  #release() {
    this.#capture?.close();
    this.#capture = null;
  }

  /** @param {AbortController} run @param {'blocked'|'missing'|'unheard'|null} [trouble] @param {string} [words] */
  #over(run, trouble = null, words = '') {
    if (run !== this.#run) return;
    this.#run = null;
    run.abort();
    this.#release();
    this.#pieces = [];
    this.onchange(false);
    if (trouble) this.ontrouble(trouble);
    this.onsaid(words);
  }
}
