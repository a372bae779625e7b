/**
 * Questions asked aloud: loaded when there is somebody to talk to and the browser can hear. What it draws with is handed to it.
 *
 * On touch the microphone is held while speaking; a tap, a click or a key press starts it, and it ends by itself or by
 * another one.
 *
 * @typedef {object} Around what is around the microphone
 * @property {HTMLButtonElement} mic
 * @property {HTMLTextAreaElement} input
 * @property {import('../memory.js').Memory} told the visitor has read what becomes of the sound, in this tab
 * @property {() => string} locale
 * @property {() => void} fit the words in the box are others now
 * @property {() => void} label it listens, or no longer does
 * @property {import('../composer.js').Act} act
 */

import { Voice } from './voice.js';

/** A finger that rests this long on the microphone holds it; a shorter touch is a tap. */
const HELD_MS = 350;

export class Microphone {
  #around;
  #voice = new Voice();
  #down_at = 0;
  #isTold = false;

  /** @param {Around} around */
  constructor(around) {
    this.#around = around;
    this.#bindMicrophone();
    this.#bindVoice();
  }

  get isListening() {
    return this.#voice.isListening;
  }

  /** Begins to listen, once the visitor knows what that means. */
  listen() {
    const { act, locale, mic, told } = this.#around;
    if (mic.hidden || this.#voice.isListening) return;
    if (!this.#isTold && !told.load()) return this.#explain();
    act.notice(null);
    act.interrupt();
    this.#voice.start(locale());
  }

  /** Stops listening; what was heard so far is asked. */
  heard() {
    this.#voice.finish();
  }

  /** What was said is forgotten; what stands in the box stays. */
  forget() {
    this.#voice.cancel();
  }

  /** @returns {boolean} whether it was listening, and has now forgotten what it heard */
  cancel() {
    if (!this.#voice.isListening) return false;
    this.#around.input.value = '';
    this.#voice.cancel();
    return true;
  }

  #explain() {
    const { act, mic, told } = this.#around;
    const agree = () => {
      this.#isTold = true;
      told.save(true);
      this.listen();
      mic.focus({ preventScroll: true });
    };
    act.notice('voiceWhy', ['voiceAgree', agree], ['notNow', () => act.notice(null)]);
  }

  #bindMicrophone() {
    const { mic } = this.#around;
    /** @param {string} type @param {(event: any) => void} listener */
    const on = (type, listener) => mic.addEventListener(type, listener);
    on('contextmenu', (event) => event.preventDefault()); // what a long touch would open
    on('pointerdown', (event) => {
      if (event.pointerType === 'mouse' || this.#voice.isListening) return;
      this.listen();
      this.#down_at = this.#voice.isListening ? event.timeStamp : 0;
      mic.setPointerCapture(event.pointerId);
    });
    on('pointerup', (event) => this.#down_at && event.timeStamp - this.#down_at > HELD_MS && this.heard());
    on('pointercancel', () => this.#down_at && this.cancel());
    on('click', (event) => {
      const began = this.#down_at;
      this.#down_at = 0;
      if (began && event.pointerType !== 'mouse') return;
      if (this.#voice.isListening) this.heard();
      else this.listen();
    });
  }

  #bindVoice() {
    const { act, fit, input, label, mic } = this.#around;
    const voice = this.#voice;
    voice.onchange = (isListening) => {
      mic.setAttribute('aria-pressed', String(isListening));
      label();
      act.voice(isListening);
    };
    voice.onwords = (words) => {
      input.value = words;
      fit();
    };
    voice.ontrouble = (trouble) => act.notice(trouble === 'blocked' ? 'voiceBlocked' : 'voiceUnheard');
    voice.onsaid = (words) => {
      if (words) input.value = '';
      if (words) act.ask(words, 'voice');
    };
  }
}
