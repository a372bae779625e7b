/** `<greenroom-chat>`: a talking presenter on anybody's page. */

import { Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { el, icon } from './dom.js';
import { Languages } from './languages.js';
import { Memory } from './memory.js';
import { Notices } from './notices.js';
import { PREFETCH_BYTES, savesData } from './prefetch.js';
import { Stage } from './stage.js';
import { en, stringsFor } from './strings.js';
import { styles } from './styles.js';
import { Transcript } from './transcript.js';
import { drawCaptions, drawChoices, drawHold, drawSound, labelView, makeView } from './view.js';

/** Thinking is announced when it takes long enough to be wondered about. */
const THINKING_ANNOUNCED_MS = 2000;
const LONGEST_INPUT = 500;

let base = '';

/** @param {string} server address that widgets talk to unless told otherwise */
export function define(server) {
  base = server;
  if (!customElements.get('greenroom-chat')) customElements.define('greenroom-chat', GreenroomChat);
}

export class GreenroomChat extends HTMLElement {
  static observedAttributes = ['open', 'locale', 'name', 'poster', 'captions', 'voice'];

  /** @type {any} its parts, once built */ #v;
  #stage = /** @type {Stage} */ (/** @type {unknown} */ (null));
  #transcript = /** @type {Transcript} */ (/** @type {unknown} */ (null));
  #composer = /** @type {Composer} */ (/** @type {unknown} */ (null));
  #notices = /** @type {Notices} */ (/** @type {unknown} */ (null));
  #languages = /** @type {Languages} */ (/** @type {unknown} */ (null));
  /** @type {Conversation|null} */ #talk = null;
  #strings = en;
  #own_strings = {};
  #avatar = { name: '', disclosure: '' };
  #answered_locale = '';
  #state = '';
  /** @type {number|undefined} */ #thinking;
  /** @type {boolean|undefined} */ #is_open;
  #off = new AbortController();

  // ---- for the page

  /** @returns {string} connecting, offline, listening, thinking or speaking */
  get state() {
    return this.#state;
  }

  /** @returns {{who: string, text: string, intent?: string}[]} what was said so far */
  get transcript() {
    return this.#transcript?.entries.map(({ who, text, intent }) => ({ who, text, intent })) ?? [];
  }

  /** @param {Partial<Record<import('./strings.js').StringKey, string>>} texts in place of the widget's own */
  set texts(texts) {
    this.#own_strings = texts;
    if (this.#v) this.#relabel();
  }

  open() {
    this.toggleAttribute('open', true);
  }

  close() {
    this.toggleAttribute('open', false);
  }

  /** @param {string} text asked as if the visitor had typed it */
  ask(text) {
    this.#ask(text, 'text');
  }

  /** @param {boolean} [on] listens to the visitor, or asks what was heard; where the browser can */
  listen(on = true) {
    this.open();
    if (on) this.#composer?.listen();
    else this.#composer?.heard();
  }

  stop() {
    this.#talk?.stop();
  }

  /** @param {boolean} [on] sound off or on; browsers allow it on only in a click or key press */
  mute(on = true) {
    this.#stage?.mute(on);
    drawSound(this.#v, this.#stage.muted, this.#t);
    this.#emit('mute', { muted: on });
  }

  reset() {
    this.#talk?.reset();
  }

  // ---- life in the page

  connectedCallback() {
    if (!this.#v) this.#build();
    this.#off = new AbortController();
    document.addEventListener('visibilitychange', () => this.#rest(), { signal: this.#off.signal });
    if (this.#isInline) this.#connectWhenSeen();
    this.#unfold();
    if (this.#talk) this.#talk.open();
  }

  disconnectedCallback() {
    this.#off.abort();
    // Moving the element within the page disconnects it for a moment only.
    queueMicrotask(() => !this.isConnected && this.#talk?.suspend());
  }

  attributeChangedCallback(name) {
    if (!this.#v) return;
    if (name === 'open') this.#unfold();
    else if (name === 'captions') drawCaptions(this.#v, this.#showsCaptions);
    else if (name === 'voice') this.#composer.offerVoice(this.getAttribute('voice') !== 'off');
    else if (name === 'poster') this.#stage.poster = this.getAttribute('poster') ?? '';
    else this.#translate();
    if (name === 'locale') this.#talk?.speak(this.#locale);
  }

  get #isInline() {
    return this.getAttribute('mode') === 'inline';
  }

  get #savesData() {
    return this.hasAttribute('save-data') || savesData();
  }

  get #server() {
    return new URL(this.getAttribute('server') ?? base, location.href).href.replace(/\/?$/, '/');
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styles()];
    const v = (this.#v = makeView({
      launch: () => this.#launch(),
      close: () => this.close(),
      mute: () => this.mute(!this.#stage.muted),
      captions: () => this.setAttribute('captions', this.#showsCaptions ? 'off' : 'on'),
      hold: () => this.#stage.hold(!this.#stage.still),
      stop: () => this.stop(),
    }));
    v.send.append(icon('send'));
    v.input.maxLength = LONGEST_INPUT;
    root.append(v.launch, v.frame);
    this.#stage = new Stage(v.video, { still: this.#savesData || matchMedia('(prefers-reduced-motion: reduce)').matches });
    this.#notices = new Notices(v, this.#t);
    this.#composer = new Composer(v, { t: this.#t, locale: () => this.#locale, act: this.#asking() });
    this.#composer.offerVoice(this.getAttribute('voice') !== 'off');
    this.#stage.poster = this.getAttribute('poster') ?? '';
    const key = `${this.#server}#${this.id}`;
    this.#languages = new Languages(v.controls, key, () => this.#page_locale, (locale) => this.#talk?.speak(locale));
    v.panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.#escape(event));
    this.#stage.oncue = (text) => v.cue.replaceChildren(...(text ? [el('span', { text })] : []));
    this.#stage.onstill = () => drawHold(v, this.#stage.still, this.#t);
    this.#stage.onmuted = () => drawSound(v, this.#stage.muted, this.#t);
    this.#translate();
    this.#transcript = new Transcript(v.log, {
      memory: new Memory(`${key}:log`),
      t: this.#t,
      act: {
        replay: (clip) => this.#talk?.replay(clip),
        rate: (turn, score) => this.#talk?.rate(turn, score),
        follow: (event, url, card) => !this.#emit('link', { url: url.href, card }) && event.preventDefault(),
      },
    });
    this.#changed();
  }

  /** What typing and speaking bring about. */
  #asking() {
    return {
      ask: (text, via) => this.#ask(text, via),
      interrupt: () => this.#talk?.interrupt(),
      notice: (key, ...actions) => this.#notices.say(key, ...actions),
      voice: (listening) => this.#emit('voice', { listening }),
    };
  }

  #ask(text, via) {
    const question = String(text).trim().slice(0, this.#v?.input.maxLength || LONGEST_INPUT);
    if (!question) return;
    this.open();
    this.#connect();
    this.#talk?.ask(question, via);
  }

  #connectWhenSeen() {
    const watch = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && this.#connect());
    watch.observe(this);
    this.#off.signal.addEventListener('abort', () => watch.disconnect(), { once: true });
  }

  #connect() {
    if (this.#talk) return;
    this.#talk = new Conversation({
      server: this.#server,
      memory: new Memory(`${this.#server}#${this.id}`),
      stage: this.#stage,
      transcript: this.#transcript,
      locale: () => this.#locale,
      prefetch_bytes: this.#savesData ? 0 : Number(this.getAttribute('prefetch-bytes') ?? PREFETCH_BYTES),
      screen: {
        emit: (name, detail) => (this.#notices.heard(name, detail), this.#emit(name, detail)),
        announce: (text) => this.#announce(text),
        offer: (choices) => drawChoices(this.#v, choices, (choice) => this.#talk?.choose(choice)),
        connection: (connection) => this.#connection(connection),
        welcome: (message) => this.#welcome(message),
        speaks: (message) => this.#speaks(message),
        changed: () => this.#changed(),
      },
    });
    this.#talk.open();
  }

  // ---- opening and closing

  /** The launcher's click is the gesture that lets the presenter be heard. */
  #launch() {
    this.mute(false);
    this.open();
  }

  #unfold() {
    const isOpen = this.#isInline || this.hasAttribute('open');
    const { frame, launch, panel, input } = this.#v;
    const was_open = this.#is_open;
    this.#is_open = isOpen;
    panel.setAttribute('role', this.#isInline ? 'region' : 'dialog');
    frame.hidden = !isOpen;
    launch.hidden = isOpen;
    launch.setAttribute('aria-expanded', String(isOpen));
    this.#rest();
    if (this.#isInline || isOpen === was_open) return;
    if (isOpen) this.#connect();
    else this.#talk?.stop();
    if (was_open === undefined) return;
    (isOpen ? input : launch).focus({ preventScroll: true });
    this.#emit(isOpen ? 'open' : 'close');
  }

  #rest() {
    this.#stage.rest(document.hidden || this.#v.frame.hidden);
  }

  #escape(event) {
    event.stopPropagation();
    if (this.#composer.cancel()) return;
    if (this.#talk?.isBusy) this.stop();
    else if (!this.#isInline) this.close();
  }

  // ---- drawing

  get #locale() {
    return this.#languages?.chosen || this.#page_locale;
  }

  get #page_locale() {
    const near = this.closest('[lang]')?.getAttribute('lang');
    return this.getAttribute('locale') || near || navigator.language || 'en';
  }

  /** @type {(key: import('./strings.js').StringKey) => string} */
  #t = (key) => {
    const name = this.getAttribute('name') || this.#avatar.name || this.#strings.someone;
    return (this.#own_strings[key] ?? this.#strings[key]).replaceAll('{name}', name);
  };

  /** Words in another language follow when they have come. */
  async #translate() {
    this.#relabel();
    this.#strings = await stringsFor(this.#answered_locale || this.#locale);
    this.#relabel();
  }

  #relabel() {
    labelView(this.#v, this.#t);
    this.#composer.label();
    this.#v.panel.lang = this.#answered_locale || this.#locale;
    this.#v.disclosure.textContent = this.#avatar.disclosure || this.#t('disclosure');
    this.#languages.label(this.#t('language'));
    drawHold(this.#v, this.#stage.still, this.#t);
    drawSound(this.#v, this.#stage.muted, this.#t);
    drawCaptions(this.#v, this.#showsCaptions);
    this.#transcript?.redraw();
    if (this.#state) this.#v.state.textContent = this.#t(/** @type {any} */ (this.#state));
  }

  get #showsCaptions() {
    return this.getAttribute('captions') !== 'off';
  }

  // ---- what the conversation tells

  #welcome({ avatar, locale = '', locales = [], limits }) {
    this.#avatar.name = avatar?.name ?? '';
    this.#v.input.maxLength = limits?.text_chars ?? LONGEST_INPUT;
    this.#speaks({ locale, disclosure: avatar?.disclosure ?? '' });
    this.#languages.offer(locales, locale);
  }

  /** The widget's words follow the presenter's, unless the page has said which they are to be. */
  #speaks({ locale, disclosure }) {
    this.#avatar.disclosure = disclosure;
    this.#answered_locale = this.hasAttribute('locale') && !this.#languages.chosen ? '' : locale;
    this.#languages.show(locale);
    this.#translate();
  }

  #connection(connection) {
    this.#notices.line(connection, () => this.#talk?.open());
    this.#emit('connection', connection);
    if (connection.state === 'open') this.#emit('ready', { resumed: connection.resumed });
  }

  #changed() {
    const state = this.#talk?.state ?? 'connecting';
    this.#v.stop.hidden = !this.#talk?.isBusy;
    if (state === this.#state) return;
    this.#state = state;
    this.#v.state.textContent = this.#t(state);
    this.setAttribute('state', state);
    clearTimeout(this.#thinking);
    if (this.#v.live.textContent === this.#t('thinking')) this.#announce('');
    if (state === 'thinking') {
      this.#thinking = window.setTimeout(() => this.#announce(this.#t('thinking')), THINKING_ANNOUNCED_MS);
    }
    this.#emit('state', { state });
  }

  #announce(text) {
    this.#v.live.textContent = text;
  }

  /** @returns {boolean} false if a listener prevented the default */
  #emit(name, detail = {}) {
    const event = new CustomEvent(`greenroom:${name}`, { detail, bubbles: true, composed: true, cancelable: name === 'link' });
    return this.dispatchEvent(event);
  }
}
