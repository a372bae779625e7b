/**
 * Where the visitor asks: by typing, or aloud. Either one silences the presenter, who would otherwise talk on.
 *
 * @typedef {{ask: (text: string, via: 'text'|'voice') => void, interrupt: () => void, tell: (name: string, detail: object) => void,
 *   notice: (key: import('./strings.js').StringKey|null, ...actions: [import('./strings.js').StringKey, () => void][]) => void}
 * } Act
 */

import { isComposing, nameIt } from './dom.js';

/** Whether the browser sizes the box by itself. */
const GROWS = CSS.supports('field-sizing', 'content');

/** Whether this browser, on this page, can hear; or hand on what is said to a server that does. */
function canHear(speech_s) {
  const { SpeechRecognition, webkitSpeechRecognition } = /** @type {any} */ (window);
  const policy = /** @type {any} */ (document).featurePolicy;
  const hears = SpeechRecognition ?? webkitSpeechRecognition ?? (speech_s > 0 && navigator.mediaDevices && window.AudioWorkletNode);
  return Boolean(hears) && isSecureContext && policy?.allowsFeature('microphone') !== false;
}

export class Composer {
  #v;
  #t;
  #act;
  /** @type {import('./speech/microphone.js').Microphone|undefined} */ #microphone;
  /** @type {import('./speech/listen.js').Ears|undefined} */ #ears;
  #isWanted = false;

  /**
   * @param {Record<string, any>} v
   * @param {object} options
   * @param {import('./view.js').Words} options.t
   * @param {() => string} options.locale
   * @param {import('./stage.js').Stage} options.stage
   * @param {Act} options.act
   */
  constructor(v, { t, locale, stage, act }) {
    this.#v = v;
    this.#t = t;
    this.#act = act;
    this.locale = locale;
    this.stage = stage;
    this.#bindText();
  }

  /** @param {boolean} isWanted what the page says; the browser has the last word */
  offerVoice(isWanted) {
    this.#isWanted = isWanted;
    this.#drawMicrophone();
  }

  /** There is somebody to talk to: what listens is loaded where it can hear. */
  wake(ears = this.#ears) {
    this.#ears = ears;
    return this.#drawMicrophone();
  }

  label() {
    nameIt(this.#v.mic, this.#t(this.#microphone?.isListening ? 'voiceStop' : 'voice'));
    this.#v.input.placeholder = this.#microphone?.label() || this.#t('placeholder');
  }

  /** Begins to listen, once the visitor knows what that means. */
  async listen(on) {
    await this.wake();
    this.#microphone?.listen(on);
  }

  /** Stops listening; what was heard so far is asked. */
  heard() {
    this.#microphone?.heard();
  }

  /** @returns {boolean} whether it was listening, and has now forgotten what it heard */
  cancel() {
    return this.#microphone?.cancel() ?? false;
  }

  async #drawMicrophone() {
    const ears = this.#ears;
    this.#v.mic.hidden = !this.#microphone;
    if (ears && this.#isWanted && !this.#microphone && canHear(ears.speech_s)) {
      const { Microphone } = await import('./speech/microphone.js').catch(() => ({ Microphone: null }));
      const [fit, label] = [() => this.#fit(), () => this.label()];
      if (Microphone) this.#microphone ??= new Microphone({ v: this.#v, t: this.#t, locale: this.locale, stage: this.stage, fit, label, act: this.#act });
    }
    if (ears) this.#microphone?.offer(this.#isWanted, ears);
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
      this.#microphone?.forget();
      if (input.value.trim()) this.#act.interrupt();
    });
    send.addEventListener('click', () => this.#send());
  }

  /** No form is sent: sandboxed frames may forbid that. */
  #send() {
    if (this.#microphone?.isListening) return this.heard();
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
}
