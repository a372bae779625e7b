/**
 * Questions asked aloud, where the browser itself turns speech into words. It does so with its maker's service as a rule,
 * which is why the visitor is told before the first time.
 *
 * @typedef {'blocked'|'unheard'} Trouble
 * @typedef {object} Ear the part of `SpeechRecognition` that is used here; the DOM's own types leave it out
 * @property {string} lang
 * @property {boolean} interimResults
 * @property {((event: {results: ArrayLike<ArrayLike<{transcript: string}>>}) => void)|null} onresult
 * @property {((event: {error: string}) => void)|null} onerror
 * @property {(() => void)|null} onend
 * @property {() => void} start
 * @property {() => void} stop
 * @property {() => void} abort
 */

/** What the recogniser calls a refusal; everything else that goes wrong is worth another try. */
const BLOCKED = new Set(['not-allowed', 'service-not-allowed', 'audio-capture']);

export class Voice {
  /** @type {Ear|null} */ #ear = null;
  #words = '';

  /** @type {(words: string) => void} heard so far */ onwords = () => {};
  /** @type {(words: string) => void} the visitor has spoken; empty if nothing was understood */ onsaid = () => {};
  /** @type {(trouble: Trouble) => void} */ ontrouble = () => {};
  /** @type {(isListening: boolean) => void} */ onchange = () => {};

  get isListening() {
    return this.#ear !== null;
  }

  /** @param {string} locale BCP 47 tag of the language that is spoken */
  start(locale) {
    const Recogniser = recogniser();
    if (this.#ear || !Recogniser) return;
    const ear = (this.#ear = new Recogniser());
    this.#words = '';
    ear.lang = locale;
    ear.interimResults = true;
    ear.onresult = ({ results }) => this.#hear(Array.from(results, (guesses) => guesses[0].transcript).join(' '));
    ear.onerror = ({ error }) => error !== 'aborted' && this.ontrouble(BLOCKED.has(error) ? 'blocked' : 'unheard');
    ear.onend = () => this.#end(this.#words);
    try {
      ear.start();
      this.onchange(true);
    } catch {
      this.#end('');
      this.ontrouble('unheard');
    }
  }

  /** What was said is complete; `onsaid` follows. */
  finish() {
    this.#ear?.stop();
  }

  /** What was said is forgotten. */
  cancel() {
    const ear = this.#ear;
    this.#end('');
    ear?.abort();
  }

  /** @param {string} words */
  #hear(words) {
    this.#words = words.replace(/\s+/g, ' ').trim();
    this.onwords(this.#words);
  }

  /** @param {string} words */
  #end(words) {
    const ear = this.#ear;
    if (!ear) return;
    this.#ear = ear.onresult = ear.onerror = ear.onend = null;
    this.onchange(false);
    this.onsaid(words);
  }
}

/** @returns {(new () => Ear)|undefined} */
function recogniser() {
  const { SpeechRecognition, webkitSpeechRecognition } = /** @type {any} */ (window);
  return SpeechRecognition ?? webkitSpeechRecognition;
}
