/**
 * Where the visitor asks: by typing, or aloud. Either one silences the presenter, who would otherwise talk on.
 *
 * On touch the microphone is held while speaking; a tap, a click or a key press starts it, and it ends by itself or by
 * another one.
 */

import { isComposing, nameIt } from './dom.js';
import { Memory } from './memory.js';
import { Voice } from './voice.js';

/** A finger that rests this long on the microphone holds it; a shorter touch is a tap. */
const HELD_MS = 350;

/** Whether the browser sizes the box by itself. */
const GROWS = CSS.supports('field-sizing', 'content');

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
    const { send, input } = this.#v;
    let isShifted = false;
    const take = (event) => {
      event.preventDefault();
      this.#send();
    };
    input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      isShifted = event.shiftKey;
      if (event.key === 'Enter' && !isShifted && !isComposing(event)) take(event);
    });
    // Android's keyboards tell no key: Enter is the line break that would come of it.
    input.addEventListener('beforeinput', (/** @type {InputEvent} */ event) => {
      if (event.inputType === 'insertLineBreak' && !isShifted && !event.isComposing) take(event);
    });
    input.addEventListener('input', () => {
      this.#fit();
      this.#voice.cancel();
      if (input.value.trim()) this.#act.interrupt();
    });
    send.addEventListener('click', () => this.#send());
  }

  /** No form is sent: sandboxed frames may forbid that. */
  #send() {
    if (this.#voice.isListening) return this.heard();
    const { input } = this.#v;
    this.#act.ask(input.value, 'text');
    input.value = '';
    this.#fit();
  }

  /** The box grows with its text, also where the browser does not see to that. */
  #fit() {
    if (GROWS) return;
    const { input } = this.#v;
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
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
    this.#voice.onwords = (words) => {
      input.value = words;
      this.#fit();
    };
    this.#voice.ontrouble = (trouble) => this.#act.notice(trouble === 'blocked' ? 'voiceBlocked' : 'voiceUnheard');
    this.#voice.onsaid = (words) => {
      if (words) input.value = '';
      if (words) this.#act.ask(words, 'voice');
    };
  }
}
