/** `<greenroom-chat>`: a talking presenter on anybody's page. */

import { Body } from './body.js';
import { claim, onfree, release } from './claims.js';
import { Conversation } from './conversation.js';
import { cut } from './dom.js';
import { Memory } from './memory.js';
import { Partner, asks, share } from './page/partner.js';
import { fitting, prefetchBytes, savesData } from './prefetch.js';
import { ATTRIBUTES, isOn, isSet, readTexts, reflect, serverOf, setServer, upgrade } from './props.js';
import { dress, lift } from './surface.js';
import { drawChoices } from './view.js';
import { Wording } from './wording.js';

/** Thinking is announced when it takes long enough to be wondered about. */
const THINKING_ANNOUNCED_MS = 2000;

/** @param {string} server address that widgets talk to unless told otherwise */
export function define(server) {
  setServer(server);
  if (!customElements.get('greenroom-chat')) customElements.define('greenroom-chat', GreenroomChat);
}

export class GreenroomChat extends HTMLElement {
  static observedAttributes = [...Object.keys(ATTRIBUTES), 'texts', 'id'];

  /** @type {Body|undefined} once it was in a page */ #body;
  #words = new Wording(this);
  #partner = new Partner(this);
  /** @type {Conversation|null} */ #talk = null;
  /** Asked before there is a conversation. @type {[string, 'text'|'voice'][]} */ #early = [];
  /** What this conversation is kept by, in this tab. */ #name = '';
  /** @type {number|undefined} */ #thinking;
  /** @type {boolean|undefined} */ #is_open;
  #is_moving = false;
  #is_stale = false;
  #unwait = () => {};

  // ---- for the page; the attributes' properties are in `props.js`

  /** @returns {string} connecting, offline, listening, thinking or speaking */
  get state() {
    return this.#body?.state ?? '';
  }

  /** @returns {{who: string, text: string, intent?: string}[]} what was said so far */
  get transcript() {
    return this.#body?.transcript.entries.map(({ who, text, intent }) => ({ who, text, intent })) ?? [];
  }

  /** @type {Partial<Record<import('./strings.js').StringKey, string>>} in place of the widget's own */
  get texts() {
    return this.#words.own;
  }

  set texts(texts) {
    this.#words.own = readTexts(texts);
  }

  show() {
    if (!isSet(this, 'open')) this.setAttribute('open', '');
  }

  hide() {
    this.removeAttribute('open');
  }

  close() {
    this.hide();
  }

  /** @param {string} text asked as if the visitor had typed it */
  ask(text) {
    this.#ask(text, 'text');
  }

  /** @param {boolean|'hands-free'} [on] listens to the visitor, once or all the time, or asks what was heard; where that can be */
  listen(on = true) {
    this.show();
    if (on) this.#body?.composer.listen(on);
    else this.#body?.composer.heard();
  }

  stop() {
    this.#talk?.stop();
  }

  /** @param {boolean} [on] sound off or on; browsers allow it on only in a click or key press */
  mute(on = true) {
    this.#body?.stage.mute(on);
    this.#body?.habits.keep({ sound: !on });
    this.#muted(on);
  }

  reset() {
    this.#talk?.reset();
  }

  // ---- life in the page

  connectedCallback() {
    upgrade(this);
    if (!this.#body) this.#build();
    this.#partner.begin({ body: /** @type {any} */ (this.#body), words: this.#words, talk: () => this.#talk, connect: () => this.#connect(), place: () => `${serverOf(this)}#${this.id}` });
    this.#unwait();
    this.#unwait = onfree(() => this.#renamed());
    this.#rename();
    const talk = this.#talk;
    this.#unfold();
    if (this.#is_moving) this.#body?.stage.arrive();
    this.#is_moving = false;
    if (talk && !this.#partner.waits()) talk.open();
  }

  disconnectedCallback() {
    this.#is_moving = true;
    this.#body?.stage.move();
    this.#body?.presence.ignore();
    // Moving the element within the page disconnects it for a moment only.
    queueMicrotask(() => !this.isConnected && this.#leave());
  }

  adoptedCallback() {
    if (this.shadowRoot) dress(this.shadowRoot);
    this.#partner.page?.dress();
  }

  /** Taken out of the page: it holds no line, no microphone and no name, and says nothing more. */
  #leave() {
    this.#unwait();
    clearTimeout(this.#thinking);
    this.#body?.composer.cancel();
    for (const end of /** @type {const} */ (['hush', 'suspend'])) this.#talk?.[end]();
    release(this);
  }

  /** @param {string} name @param {string|null} before @param {string|null} now */
  attributeChangedCallback(name, before, now) {
    if (name === 'texts') this.texts = /** @type {any} */ (now);
    const body = this.#body;
    if (!body || before === now) return;
    if (name === 'open') this.#unfold();
    else if (name === 'mode') this.#unfold({ anew: true });
    else if (name === 'captions') body.drawCaptions();
    else if (name === 'voice') body.composer.offerVoice(isOn(this, name));
    else if (name === 'poster') body.showPoster(this.#talk !== null);
    else if (name === 'save-data') body.stage.hold(savesData(this));
    else if (name === 'locale' || name === 'name') this.#words.follow();
    if (name === 'locale') this.#talk?.speak(this.#words.asked);
    if (name === 'server' || name === 'id') this.#outdate();
    if (asks(name)) this.#partner.use((page) => page.follow());
    if ((name === 'save-data' || name === 'prefetch-bytes') && this.#talk) this.#talk.prefetch_bytes = prefetchBytes(this);
  }

  get #isInline() {
    return this.getAttribute('mode') === 'inline';
  }

  #build() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const body = new Body(this, this.#words, { still: savesData(this) || matchMedia('(prefers-reduced-motion: reduce)').matches, act: this.#acts() });
    root.replaceChildren(body.v.root);
    dress(root);
    this.#body = body;
    body.presence.onchange = () => this.#looked();
    body.presence.onsight = () => this.#connect();
    body.stage.onmuted = () => this.#muted(true);
    body.stage.isSeen = () => this.#isSeen;
    body.stage.onunseen = () => this.#talk?.hush();
    this.#words.follow();
    this.#changed();
  }

  /** What the visitor can do. @returns {import('./body.js').Acts} */
  #acts() {
    return {
      launch: () => this.#launch(),
      close: () => this.hide(),
      mute: () => this.mute(!this.#body?.stage.muted),
      captions: () => this.#body?.habits.caption(this, isOn(this, 'captions') ? 'off' : 'on'),
      stop: () => this.stop(),
      escape: () => this.#escape(),
      ask: (text, via) => this.#ask(text, via),
      interrupt: () => this.#talk?.interrupt(),
      speak: (locale) => this.#talk?.speak(locale),
      tell: (name, detail) => this.#emit(name, detail),
      replay: (clip) => this.#talk?.replay(clip),
      rate: (turn, score) => (this.#talk?.rate(turn, score), this.#partner.use((page) => page.rated(turn, score))),
      card: (place, entry) => this.#partner.use((page) => page.card(place, entry)),
      follow: (event, url, card) => !this.#emit('link', { url: url.href, card }) && event.preventDefault(),
    };
  }

  #ask(text, via) {
    const question = cut(String(text).trim(), this.#body?.v.input.maxLength ?? 500);
    if (!question) return;
    this.show();
    this.#early.push([question, via]);
    this.#connect();
    this.#say();
  }

  #say() {
    if (this.#talk) for (const [text, via] of this.#early.splice(0)) this.#talk.ask(text, via);
  }

  // ---- which conversation

  /** Takes the name of its conversation; another one than before is another conversation. */
  #rename() {
    const [name, body] = [claim(this, `${serverOf(this)}#${this.id}`), this.#body];
    if (name === this.#name || !body) return;
    const [isFirst, isTalking] = [!this.#name, this.#talk !== null];
    if (!isFirst) this.#words.forget();
    this.#talk?.suspend();
    this.#talk = null;
    body.stage.stop();
    this.#name = name;
    body.open(name);
    if (isFirst) body.habits.restore(this, body.stage);
    this.#changed();
    if (isTalking) this.#connect();
  }

  /** A name fell free: whoever had to take another one may have it, unless its visitor has begun to talk. */
  #renamed() {
    if (this.isConnected && !this.#body?.transcript.isUsed && this.#name !== `${serverOf(this)}#${this.id}`) this.#outdate();
  }

  /** Frameworks change several attributes in a row: what follows from them is done once. */
  #outdate() {
    if (this.#is_stale || !this.isConnected) return;
    this.#is_stale = true;
    queueMicrotask(() => {
      this.#is_stale = false;
      if (this.isConnected) this.#rename();
    });
  }

  #connect() {
    const body = this.#body;
    if (this.#talk || !this.isConnected || !body || this.#partner.waits()) return;
    this.#talk = new Conversation({
      server: serverOf(this),
      memory: new Memory(this.#name),
      stage: body.stage,
      transcript: body.transcript,
      locale: () => this.#words.asked,
      isHidden: () => body.presence.isHidden,
      prefetch_bytes: prefetchBytes(this),
      screen: {
        fitting: (clip) => fitting(this, clip),
        emit: (name, detail) => (body.notices.heard(name, detail), this.#emit(name, detail)),
        announce: (text) => body.announce(text),
        offer: (choices) => drawChoices(body.v, choices, (choice) => this.#talk?.choose(choice)),
        connection: (connection) => this.#connection(connection),
        welcome: (message) => (this.#words.welcome(message), body.welcome(message)),
        speaks: (message) => (this.#words.speaks(message), body.languages.show(message.locale)),
        changed: () => this.#changed(),
      },
    });
    this.#talk.wire.context = () => this.#partner.context;
    this.#talk.open();
    this.#say();
  }

  // ---- opening and closing

  /** The launcher's click is the gesture that lets the presenter be heard. */
  #launch() {
    this.mute(false);
    this.show();
  }

  /** Stands in the page, or floats, open or closed. @param {{anew?: boolean}} [options] `anew`: it was neither before */
  #unfold({ anew = false } = {}) {
    const body = this.#body;
    if (!this.isConnected || !body) return;
    const { frame, launch, panel, input, root } = body.v;
    const was_open = anew ? undefined : this.#is_open;
    const isOpen = (this.#is_open = this.#isInline || isSet(this, 'open'));
    panel.setAttribute('role', this.#isInline ? 'region' : 'dialog');
    frame.hidden = !(launch.hidden = isOpen);
    launch.setAttribute('aria-expanded', String(isOpen));
    lift(root, !this.#isInline);
    body.presence.watch(this.#isInline);
    this.#looked();
    if (this.#isInline || isOpen === was_open) return;
    if (isOpen) this.#connect();
    else this.#talk?.stop();
    if (was_open === undefined) return;
    (isOpen ? input : launch).focus({ preventScroll: true });
    body.habits.keep({ open: isOpen });
    this.#emit(isOpen ? 'open' : 'close');
  }

  get #isSeen() {
    return this.#body !== undefined && !this.#body.v.frame.hidden && this.#body.presence.isDrawn;
  }

  /** Somebody looks, or nobody does. */
  #looked() {
    const { stage, presence, composer } = /** @type {Body} */ (this.#body);
    stage.rest(!this.#isSeen || presence.isHidden);
    if (!presence.isHidden) this.#talk?.hurry();
    if (this.#isSeen || this.#is_moving) return;
    composer.cancel();
    this.#talk?.hush();
  }

  #escape() {
    if (this.#body?.composer.cancel()) return;
    if (this.#talk?.isBusy) this.stop();
    else if (!this.#isInline) this.hide();
  }

  // ---- what the conversation tells

  #connection(connection) {
    this.#body?.notices.line(connection, () => this.#talk?.open());
    this.#emit('connection', connection);
    if (connection.state === 'open') this.#emit('ready', { resumed: connection.resumed });
  }

  #changed() {
    const [state, thinking] = [this.#talk?.state ?? 'connecting', this.#words.t('thinking')];
    const body = /** @type {Body} */ (this.#body);
    body.v.stop.hidden = !this.#talk?.isBusy;
    if (state === body.state) return;
    body.state = state;
    this.setAttribute('state', state);
    clearTimeout(this.#thinking);
    if (body.v.live.textContent === thinking) body.announce('');
    if (state === 'thinking') this.#thinking = window.setTimeout(() => body.announce(thinking), THINKING_ANNOUNCED_MS);
    this.#emit('state', { state });
  }

  #muted(muted) {
    this.#body?.drawSound();
    this.#emit('mute', { muted });
  }

  /** @returns {boolean} false if a listener prevented the default */
  #emit(name, detail = {}) {
    return this.dispatchEvent(new CustomEvent(`greenroom:${name}`, { detail, bubbles: true, composed: true, cancelable: name === 'link' }));
  }
}

reflect(GreenroomChat);
share(GreenroomChat);
