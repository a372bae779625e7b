/** All that is seen of the widget, put together; what changes in it follows the element's attributes and words. */

import { Composer } from './composer.js';
import { button, cut, el, icon, isComposing, safeLink } from './dom.js';
import { Habits } from './habits.js';
import { Languages } from './languages.js';
import { Memory } from './memory.js';
import { Notices } from './notices.js';
import { Presence } from './presence.js';
import { isOn, serverOf } from './props.js';
import { Stage } from './stage.js';
import { Transcript } from './transcript.js';
import { drawCaptions, drawHold, drawSound, keepKeys, labelView, makeView } from './view.js';

/**
 * What the visitor can do.
 *
 * @typedef {Record<'launch'|'close'|'mute'|'captions'|'stop'|'escape'|'interrupt', () => void> & {
 *   ask: (text: string, via: 'text'|'voice') => void, speak: (locale: string) => void, tell: (name: string, detail: object) => void,
 *   replay: (clip: import('./wire.js').Clip) => void, rate: (turn: string, score: 'up'|'down') => void,
 *   follow: (event: Event, url: URL, card: import('./wire.js').Card) => void,
 *   card: (place: HTMLElement, entry: import('./transcript.js').Entry) => void}} Acts
 */

/** Until the server has told its own limit. */
const LONGEST_INPUT = 500;

export class Body {
  habits = new Habits();
  /** How modules that are loaded later draw. */
  dom = { button, cut, el, isComposing, safeLink };
  #host;
  #words;
  #state = '';

  /**
   * @param {HTMLElement} host
   * @param {import('./wording.js').Wording} words
   * @param {{still: boolean, act: Acts}} options
   */
  constructor(host, words, { still, act }) {
    const { t } = words;
    this.#host = host;
    this.#words = words;
    const v = (this.v = makeView({ ...act, hold: () => this.stage.hold(!this.stage.still) }));
    v.send.append(icon('send'));
    this.allow();
    this.stage = new Stage(v.video, { still });
    this.presence = new Presence(host, v.root);
    this.notices = new Notices(v, t);
    const notice = (key, ...actions) => this.notices.say(key, ...actions);
    this.composer = new Composer(v, { t, locale: () => words.asked, stage: this.stage, act: { ...act, notice } });
    this.composer.offerVoice(isOn(host, 'voice'));
    this.languages = new Languages(v.controls, () => words.page, act.speak);
    words.chosen = () => this.languages.chosen;
    this.transcript = new Transcript(v.log, { memory: new Memory(''), t, act });
    keepKeys(v, (event) => event.key === 'Escape' && !isComposing(event) && act.escape());
    words.onchange = () => this.#relabel();
    this.stage.oncue = (text) => v.cue.replaceChildren(...(text ? [el('span', { text })] : []));
    this.stage.onstill = () => this.#drawHold();
    this.showPoster(false);
  }

  /** Shows another conversation. @param {string} name what it is kept by */
  open(name) {
    this.habits.open(name);
    this.languages.open(name);
    this.transcript.open(new Memory(`${name}:log`));
  }

  /** @param {any} message the session's first */
  welcome({ locale, locales = [], limits, session }) {
    this.allow(limits?.text_chars);
    this.composer.wake({ server: serverOf(this.#host), session, speech_s: limits?.speech_s });
    this.languages.offer(locales, locale).catch(() => {}); // the switch could not be loaded: the language stays
  }

  /** @param {number} [length] characters of a question */
  allow(length = LONGEST_INPUT) {
    this.v.input.maxLength = length;
  }

  /** The page's picture, until the server has sent its own. @param {boolean} isTalking */
  showPoster(isTalking) {
    const poster = this.#host.getAttribute('poster');
    if (poster || !isTalking) this.stage.poster = poster ?? '';
  }

  /** @type {string} what the presenter does, in the pill */
  get state() {
    return this.#state;
  }

  set state(state) {
    this.#state = state;
    this.v.state.textContent = this.#words.t(/** @type {any} */ (state));
  }

  /** Reads something out to who cannot see it. @param {string} text */
  announce(text) {
    this.v.live.textContent = text;
  }

  drawSound() {
    drawSound(this.v, this.stage.muted, this.#words.t);
  }

  drawCaptions() {
    drawCaptions(this.v, isOn(this.#host, 'captions'));
  }

  #drawHold() {
    drawHold(this.v, this.stage.still, this.#words.t);
  }

  #relabel() {
    labelView(this.v, this.#words.t);
    this.composer.label();
    this.v.panel.lang = this.#words.shown;
    this.v.disclosure.textContent = this.#words.disclosure;
    this.languages.label(this.#words.t('language'));
    this.#drawHold();
    this.drawSound();
    this.drawCaptions();
    this.transcript.redraw();
    if (this.#state) this.state = this.#state;
  }
}
