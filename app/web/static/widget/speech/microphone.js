/**
 * Questions asked aloud: loaded when there is somebody to talk to, and something that hears. What it draws with is handed
 * to it.
 *
 * The button, or Space on it, is held while speaking; a tap, a click or a short press starts it, and it ends by itself or by
 * another one. Hands-free has a button of its own among the controls.
 *
 * @typedef {import('./words.js').SpeechKey} SpeechKey
 * @typedef {object} Around what is around the microphone
 * @property {Record<string, any>} v the widget's parts
 * @property {(key: any) => string} t
 * @property {() => string} locale
 * @property {import('../stage.js').Stage} stage
 * @property {() => void} fit the words in the box are others now
 * @property {() => void} label it listens, or no longer does
 * @property {import('../composer.js').Act} act
 */

import { button, nameIt } from '../dom.js';
import { Memory } from '../memory.js';
import { HandsFree } from './hands.js';
import { RemoteVoice } from './remote.js';
import { Voice } from './voice.js';
import { word } from './words.js';

/** A finger that rests this long on the microphone holds it; a shorter touch is a tap. */
const HELD_MS = 350;

/** @type {Record<string, string>} what is said while it listens, hears, thinks */
const PROMPTS = { listening: 'voiceOn', hearing: 'voiceHearing', thinking: 'voiceThinking' };

/** Who hears the sound: the browser's maker, or a site's server; the visitor has read what becomes of it there, in this tab. @type {Map<string, Memory>} */
const TOLD = new Map();

export class Microphone {
  #around;
  /** @type {any} the browser's recogniser, or the site's, used alike */ #voice = null;
  /** @type {import('./listen.js').Ears|null} */ #ears = null;
  /** @type {HandsFree|null} */ #hands = null;
  #hands_button;
  #phase = '';
  #down_at = 0;

  /** @param {Around} around */
  constructor(around) {
    this.#around = around;
    this.#hands_button = button({ part: 'hands-free', icon: 'mic', press: () => this.#switchHands() });
    around.v.controls.prepend(this.#hands_button);
    this.#bindMicrophone();
  }

  /** One question is being spoken: what is sent now is what was heard. */
  get isListening() {
    return Boolean(this.#voice?.isListening);
  }

  get #told() {
    const key = this.#ears ? `voice:${this.#ears.server}` : 'voice';
    const told = TOLD.get(key) ?? new Memory(key);
    TOLD.set(key, told);
    return told;
  }

  get #canFree() {
    return Boolean(navigator.mediaDevices && window.AudioWorkletNode);
  }

  get #isOn() {
    return this.isListening || this.#hands !== null;
  }

  /** @param {boolean} isWanted @param {import('./listen.js').Ears} ears the session's, perhaps another one than before */
  offer(isWanted, ears) {
    const { SpeechRecognition, webkitSpeechRecognition } = /** @type {any} */ (window);
    const isOwn = Boolean(SpeechRecognition ?? webkitSpeechRecognition);
    const remote = isOwn || !(ears?.speech_s > 0) ? null : ears;
    if (!this.#isOn && (!this.#voice || remote !== this.#ears)) {
      this.#ears = remote;
      this.#voice = remote ? new RemoteVoice(remote) : new Voice();
      this.#bindVoice();
    }
    this.#around.v.mic.hidden = !isWanted;
    this.#around.label();
  }

  /** @returns {string} what stands in the box meanwhile; empty while nobody listens */
  label() {
    const { v } = this.#around;
    // Until the first question was spoken, it would be one button more for everybody else.
    this.#hands_button.hidden = v.mic.hidden || !this.#canFree || !this.#told.load();
    nameIt(this.#hands_button, this.#say(this.#hands ? 'voiceHandsOff' : 'voiceHands'));
    return this.#isOn ? this.#say(PROMPTS[this.#phase] ?? 'voiceOn') : '';
  }

  /** Begins to listen, once the visitor knows what that means. @param {boolean|'hands-free'} [on] */
  listen(on = true) {
    const { act, locale, v } = this.#around;
    if (v.mic.hidden || this.#isOn) return;
    if (!this.#told.load()) return this.#explain(on);
    act.notice(null);
    if (on === 'hands-free') return this.#free();
    act.interrupt();
    this.#voice.start(locale());
  }

  /** Stops listening; what was heard so far is asked. */
  heard() {
    if (this.#hands) this.#hands.stop();
    else this.#voice.finish();
  }

  /** What was said is forgotten; what stands in the box stays. */
  forget() {
    this.#hands?.forget();
    this.#voice.cancel();
  }

  /** @returns {boolean} whether it was listening, and has now forgotten what it heard */
  cancel() {
    if (!this.#isOn) return false;
    if (!this.#hands) this.#around.v.input.value = '';
    this.#hands?.stop();
    this.#voice.cancel();
    return true;
  }

  /** The page's words, else the widget's, else those of `words.js`. @param {string} key */
  #say(key) {
    const { t, v } = this.#around;
    const own = t(key);
    return own === key ? word(v.panel.lang, /** @type {SpeechKey} */ (key)) : own;
  }

  /** @param {string} key @param {...[any, () => void]} actions */
  #notice(key, ...actions) {
    this.#around.act.notice(/** @type {any} */ (this.#say(key)), ...actions);
  }

  #explain(on) {
    const { act, v } = this.#around;
    /** @param {boolean|'hands-free'} how */
    const agree = (how) => {
      this.#told.save(true);
      this.label();
      this.listen(how);
      (how === 'hands-free' ? this.#hands_button : v.mic).focus({ preventScroll: true });
    };
    /** @type {[any, () => void][]} */
    const ways = [['voiceAgree', () => agree(on)]];
    if (on !== 'hands-free' && this.#canFree) ways.push([this.#say('voiceHands'), () => agree('hands-free')]);
    this.#notice(this.#ears ? 'voiceSite' : 'voiceWhy', ...ways, ['notNow', () => act.notice(null)]);
  }

  /** What went wrong, and the way out of it. */
  #trouble(trouble, again) {
    const key = { blocked: 'voiceBlocked', missing: 'voiceMissing' }[trouble] ?? 'voiceUnheard';
    this.#notice(key, ...(trouble === 'unheard' ? [] : [/** @type {[any, () => void]} */ (['retry', again])]));
  }

  #enter(phase) {
    this.#phase = phase;
    this.#around.v.mic.dataset.phase = phase;
    this.#around.label();
    const handsFree = this.#hands !== null;
    this.#around.act.tell('voice', { listening: this.#isOn, handsFree, phase: phase || 'off' });
  }

  // ---- hands-free

  #switchHands() {
    if (this.#hands) return this.#hands.stop();
    this.#voice.cancel();
    this.listen('hands-free');
  }

  #free() {
    const { act, locale, stage } = this.#around;
    const hands = (this.#hands = new HandsFree({ stage, locale, ears: this.#ears }));
    this.#hands_button.setAttribute('aria-pressed', 'true');
    hands.onphase = (phase) => phase !== this.#phase && this.#enter(phase);
    hands.onbarge = (event, { after_ms, words }) => act.tell('barge-in', { event, after_ms, words });
    hands.onsaid = (words) => {
      act.interrupt();
      act.ask(words, 'voice');
    };
    hands.onunheard = () => this.#trouble('unheard', () => {});
    hands.onend = (trouble) => {
      this.#hands = null;
      this.#hands_button.setAttribute('aria-pressed', 'false');
      this.#enter('');
      if (trouble) this.#trouble(trouble, () => this.listen('hands-free'));
      else act.notice(null);
    };
    this.#notice('voiceHandsOn');
    return hands.start();
  }

  // ---- one question

  #bindMicrophone() {
    const { mic } = this.#around.v;
    /** @param {string} type @param {(event: any) => void} listener */
    const on = (type, listener) => mic.addEventListener(type, listener);
    const begin = (event) => {
      this.listen();
      this.#down_at = this.#isOn ? event.timeStamp : 0;
    };
    const end = (event) => this.#down_at && event.timeStamp - this.#down_at > HELD_MS && this.heard();
    on('contextmenu', (event) => event.preventDefault()); // what a long touch would open
    on('pointerdown', (event) => {
      if (event.pointerType === 'mouse' || this.#isOn) return;
      begin(event);
      mic.setPointerCapture(event.pointerId);
    });
    on('pointerup', end);
    on('pointercancel', () => this.#down_at && this.cancel());
    on('keydown', (event) => event.key === ' ' && !event.repeat && !this.#isOn && begin(event));
    on('keyup', (event) => {
      if (event.key !== ' ' || !this.#down_at) return;
      event.preventDefault(); // no click follows
      end(event);
      this.#down_at = 0;
    });
    on('click', (event) => {
      const began = this.#down_at;
      this.#down_at = 0;
      if (began && event.pointerType !== 'mouse') return;
      if (this.#isOn) this.heard();
      else this.listen();
    });
  }

  #bindVoice() {
    const { act, fit } = this.#around;
    const { mic, input } = this.#around.v;
    const voice = this.#voice;
    voice.onchange = (isListening) => {
      mic.setAttribute('aria-pressed', String(isListening));
      this.#enter(isListening ? 'listening' : '');
    };
    voice.onphase = (phase) => phase !== this.#phase && this.#enter(phase);
    voice.onwords = (words) => {
      input.value = words;
      fit();
    };
    voice.ontrouble = (trouble) => this.#trouble(trouble, () => this.listen());
    voice.onsaid = (words) => {
      if (words) input.value = '';
      if (words) act.ask(words, 'voice');
    };
  }
}
