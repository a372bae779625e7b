/**
 * Talking hands-free: the microphone stays open, a turn ends with a silence, and whoever speaks while the presenter does
 * makes her pause. What turns out to be nothing, or her own voice, lets her go on from where she was.
 *
 * @typedef {'listening'|'hearing'|'thinking'} Phase
 * @typedef {object} Options
 * @property {import('../stage.js').Stage} stage
 * @property {import('./listen.js').Ears|null} ears the site's recogniser; null where the browser itself hears
 * @property {() => string} locale
 */

import { Capture, NoMicrophone } from './capture.js';
import { Detector, PIECE_MS } from './detector.js';
import { isEcho } from './echo.js';
import { recognise } from './listen.js';
import { Voice } from './voice.js';

/** Sound from before the first voice that belongs to the question: the consonant that it begins with. */
const BEFORE_MS = 300;
/** How long after her last word a room still sounds of it. */
const ECHO_MS = 1500;
/** How long she waits for words that the browser does not find. */
const WORDLESS_MS = 3000;
/** What was nothing while she speaks was perhaps she: the next must be so much louder, up to a limit. */
const WARIER = 1.5;
const WARIEST = 4;
/** A browser's recogniser that ends by itself so quickly, so often, does not work. */
const QUICK_MS = 500;
const MOST_QUICK = 3;

export class HandsFree {
  #options;
  #capture = new Capture();
  #detector = new Detector();
  /** @type {Float32Array[]} */ #pieces = [];
  /** @type {AbortController|null} */ #job = null;
  /** @type {any} the clip that waits for us to have spoken */ #held = null;
  #hers = '';
  #hers_at = -Infinity;
  /** Her words, if the visitor speaks over them or just after. */ #over = '';
  #caution = 1;
  #isOn = true;
  /** @type {Voice|null} */ #voice = null;
  #quick = 0;
  /** @type {number|undefined} */ #wordless;
  #began_at = 0;

  /** @type {(phase: Phase) => void} */ onphase = () => {};
  /** @type {(words: string) => void} */ onsaid = () => {};
  /** @type {(event: 'paused'|'resumed'|'echo'|'asked', detail: {after_ms?: number, words?: number}) => void} */ onbarge = () => {};
  /** @type {() => void} what was said could not be sent, or the server could not hear it */ onunheard = () => {};
  /** @type {(trouble: 'blocked'|'missing'|'unheard'|null) => void} it is over, with its cause */ onend = () => {};

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  async start() {
    const capture = this.#capture;
    capture.onpiece = (piece) => this.#hear(piece);
    capture.onlost = () => this.#end('missing');
    document.addEventListener('visibilitychange', this.#hidden);
    try {
      await capture.open();
    } catch (error) {
      return this.#end(error instanceof NoMicrophone ? error.trouble : 'unheard');
    }
    if (!this.#isOn) return;
    this.onphase('listening');
    if (!this.#options.ears) this.#follow();
  }

  stop() {
    this.#end(null);
  }

  /** What is being said is forgotten: the visitor types instead. */
  forget() {
    this.#job?.abort();
    this.#job = null;
    this.#pieces = [];
    clearTimeout(this.#wordless);
    if (this.#isOn) this.onphase('listening');
  }

  #hidden = () => document.hidden && this.stop();

  #end(trouble) {
    if (!this.#isOn) return;
    this.#isOn = false;
    document.removeEventListener('visibilitychange', this.#hidden);
    this.#capture.close();
    this.forget();
    if (this.#voice) this.#voice.onsaid = () => {};
    this.#voice?.cancel();
    this.#resume();
    this.onend(trouble);
  }

  /** @param {Float32Array} piece */
  #hear(piece) {
    const { stage, ears } = this.#options;
    const { now } = stage;
    if (now) [this.#hers, this.#hers_at] = [said(now.clip), performance.now()];
    else this.#caution = 1;
    this.#detector.caution = this.#caution;
    const news = this.#detector.hear(piece);
    this.#pieces.push(piece);
    if (this.#detector.isSilent && !news && !this.#job) this.#pieces.splice(0, this.#pieces.length - BEFORE_MS / PIECE_MS);
    if (news === 'began') [this.#began_at, this.#over] = [performance.now(), ''];
    if (!this.#detector.isSilent) this.#over ||= this.#herWords(ECHO_MS);
    if (!this.#detector.isSilent) this.#pause();
    if (news === 'nothing' && !this.#job) this.#nothing();
    if (news === 'spoke') this.#speaks();
    const isLong = ears && this.#detector.isSpeaking && this.#pieces.length * PIECE_MS >= ears.speech_s * 1000;
    if (news === 'ended' || isLong) this.#ended();
  }

  /** Who goes on after a pause has not finished: what was sent is heard again with the rest. */
  #speaks() {
    this.#job?.abort();
    this.#job = null;
    this.onphase('hearing');
  }

  async #ended() {
    const { ears, locale } = this.#options;
    this.onphase('thinking');
    if (!ears) {
      this.#wordless = window.setTimeout(() => this.#words(''), WORDLESS_MS);
      return;
    }
    const job = (this.#job = new AbortController());
    const words = await recognise(ears, this.#pieces, { locale: locale(), signal: job.signal }).catch(() => null);
    if (job !== this.#job) return;
    this.forget();
    if (words === null) this.onunheard();
    this.#words(words ?? '');
  }

  /** @param {number} within_ms @returns {string} what she says, or said until so long ago */
  #herWords(within_ms) {
    return performance.now() - this.#hers_at < within_ms ? this.#hers : '';
  }

  /** @param {string} words */
  #words(words) {
    clearTimeout(this.#wordless);
    this.onphase('listening');
    const hers = this.#options.ears ? this.#over : this.#herWords(ECHO_MS + WORDLESS_MS);
    if (words && isEcho(words, hers)) this.onbarge('echo', { words: words.length });
    else if (words) {
      if (this.#held) this.onbarge('asked', {});
      this.#held = null;
      this.#options.stage.ducked = false;
      return this.onsaid(words);
    }
    this.#nothing();
  }

  #nothing() {
    if (this.#held) this.#caution = Math.min(WARIEST, this.#caution * WARIER);
    this.#resume();
  }

  #pause() {
    const { stage } = this.#options;
    const { now } = stage;
    if (!now || now === this.#held || now.clip.interruptible === false || stage.still) return;
    this.#held = now;
    stage.ducked = true;
    now.video.pause();
    this.onbarge('paused', { after_ms: Math.round(performance.now() - this.#began_at) });
  }

  #resume() {
    const { stage } = this.#options;
    const held = this.#held;
    this.#held = null;
    stage.ducked = false;
    if (!held || held !== stage.now || stage.still) return;
    held.video.play().catch(() => held.finish('failed'));
    this.onbarge('resumed', {});
  }

  /** The browser's recogniser ends after each sentence, and is begun again. */
  #follow() {
    if (!this.#isOn) return;
    const began = performance.now();
    const voice = (this.#voice = new Voice());
    voice.ontrouble = (trouble) => trouble === 'blocked' && this.#end('blocked');
    voice.onsaid = (words) => {
      this.#quick = performance.now() - began < QUICK_MS ? this.#quick + 1 : 0;
      if (this.#quick >= MOST_QUICK) return this.#end('unheard');
      if (words) this.#words(words);
      this.#follow();
    };
    voice.start(this.#options.locale());
  }
}

/** @param {import('../wire.js').Clip} clip @returns {string} */
function said(clip) {
  return (clip.captions ?? []).map(({ text }) => text).join(' ');
}
