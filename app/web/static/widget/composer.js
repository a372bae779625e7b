/**
 * Where the visitor asks: by typing, or aloud. Either one silences the presenter, who would otherwise talk on.
 *
 * On touch the microphone is held while speaking; a tap, a click or a key press starts it, and it ends by itself or by
 * another one.
 */

import { nameIt } from './dom.js';
import { Memory } from './memory.js';
import { Voice } from './voice.js';

/** A finger that rests this long on the microphone holds it; a shorter touch is a tap. */
const HELD_MS = 350;

/** The visitor has read what becomes of the sound, in this tab. */
const TOLD = new Memory('voice');

export class Composer {
  #v;
  #t;
  #act;
  #voice = new Voice();
  #down_at = 0;
  #isTold = false;

  /**
   * @param {Record<string, any>} v
   * @param {object} options
   * @param {import('./view.js').Words} options.t
   * @param {() => string} options.locale
   * @param {{ask: (text: string, via: 'text'|'voice') => void, interrupt: () => void, voice: (isListening: boolean) => void,
   *   notice: (key: import('./strings.js').StringKey|null, ...actions: [import('./strings.js').StringKey, () => void][]) => void}
   * } options.act
   */
  constructor(v, { t, locale, act }) {
    this.#v = v;
    this.#t = t;
    this.#act = act;
    this.locale = locale;
    this.#bindText();
    this.#bindMicrophone();
    this.#bindVoice();
  }

  /** @param {boolean} isWanted what the page says; the browser has the last word */
  offerVoice(isWanted) {
    this.#v.mic.hidden = !(isWanted && Voice.isOffered);
  }

  label() {
    const key = this.#voice.isListening ? 'voiceStop' : 'voice';
    nameIt(this.#v.mic, this.#t(key));
    this.#v.input.placeholder = this.#t(this.#voice.isListening ? 'voiceOn' : 'placeholder');
  }

  /** Begins to listen, once the visitor knows what that means. */
  listen() {
    if (this.#v.mic.hidden || this.#voice.isListening) return;
    if (!this.#isTold && !TOLD.load()) return this.#explain();
    this.#act.notice(null);
    this.#act.interrupt();
    this.#voice.start(this.locale());
  }

  /** Stops listening; what was heard so far is asked. */
  heard() {
    this.#voice.finish();
  }

  /** @returns {boolean} whether it was listening, and has now forgotten what it heard */
  cancel() {
    if (!this.#voice.isListening) return false;
    this.#v.input.value = '';
    this.#voice.cancel();
    return true;
  }

  #explain() {
    const agree = () => {
      this.#isTold = true;
      TOLD.save(true);
      this.listen();
      this.#v.mic.focus({ preventScroll: true });
    };
    this.#act.notice('voiceWhy', ['voiceAgree', agree], ['notNow', () => this.#act.notice(null)]);
  }

  #bindText() {
    const { form, input } = this.#v;
    input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    input.addEventListener('input', () => {
      this.#voice.cancel();
      if (input.value.trim()) this.#act.interrupt();
    });
    form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.#voice.isListening) return this.heard();
      this.#act.ask(input.value, 'text');
      input.value = '';
    });
  }

  #bindMicrophone() {
    const { mic } = this.#v;
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
    const { mic, input } = this.#v;
    this.#voice.onchange = (isListening) => {
      mic.setAttribute('aria-pressed', String(isListening));
      this.label();
      this.#act.voice(isListening);
    };
    this.#voice.onwords = (words) => (input.value = words);
    this.#voice.ontrouble = (trouble) => this.#act.notice(trouble === 'blocked' ? 'voiceBlocked' : 'voiceUnheard');
    this.#voice.onsaid = (words) => {
      if (words) input.value = '';
      if (words) this.#act.ask(words, 'voice');
    };
  }
}
