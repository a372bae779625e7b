/**
 * What the widget shares with the page around it, beyond its words: context, functions, rich cards, people, the visitor's
 * yes, the teaser. Each part is loaded when it is used.
 *
 * @typedef {object} Tools of the element
 * @property {import('../body.js').Body} body
 * @property {import('../wording.js').Wording} words
 * @property {() => import('../conversation.js').Conversation|null} talk
 * @property {() => void} connect
 * @property {() => string} place which widget of which server: what the visitor said yes to
 * @typedef {{accepted?: () => void, refused?: (error: any) => void}} Reply
 */

import { Memory } from '../memory.js';
import { CSS } from './sheet.js';
import { en, wordsFor } from './words.js';

const MOST_VALUES = 20;
const MOST_CHARS = 200;
/** The close code after which what was sent is not sent again. */
const DROPPED = 4009;
/** Above this, a number is no longer written in plain digits. */
const MOST = 1e21;
const NAME = /^[a-z][a-z0-9_]{0,39}$/;

export class Page {
  /** @type {Record<string, string>} */ #words = en;
  /** @type {Map<string, Reply>} requests without an answer yet, by id */ #asked = new Map();
  /** @type {WeakMap<object, {place: HTMLElement, session: string, drawn: Promise<void>}>} cards by what they show, so that a form keeps what was typed */ #cards = new WeakMap();
  /** @type {{terms: string, lift?: () => void}|null} */ #gate = null;
  /** @type {Map<string, Memory>} */ #memories = new Map();
  #run = 0;
  /** @type {(() => void)|null} */ #unteased = null;
  #given;
  #tools;
  #told = '';
  #unread = 0;

  /** @param {HTMLElement} host @param {Tools} tools @param {{context?: object, functions?: object}} given */
  constructor(host, tools, given) {
    this.host = /** @type {any} */ (host);
    this.#tools = tools;
    this.#given = given;
    this.body = tools.body;
    this.words = tools.words;
    this.dom = tools.body.dom;
    this.dress();
    this.#listen();
    const tells = ({ attributeName }) => /^(data-context-|(poster|locale|server|id)$)/.test(attributeName ?? '');
    new MutationObserver((changes) => changes.some(tells) && this.follow()).observe(host, { attributes: true });
    new MutationObserver(() => this.follow()).observe(this.body.v.panel, { attributeFilter: ['lang'] });
    this.follow();
  }

  get talk() {
    return this.#tools.talk();
  }

  get functions() {
    return /** @type {Record<string, any>|undefined} */ (this.#given.functions);
  }

  get session() {
    return this.body.transcript.session;
  }

  get isOpen() {
    return !this.body.v.frame.hidden;
  }

  /** The presenter's name. */
  get name() {
    return this.words.name;
  }

  /** @param {keyof typeof en} key */
  t = (key) => /** @type {any} */ (this.words.own)[key] ?? this.#words[key];

  /** @returns {{who: string, text: string}[]} */
  lines() {
    return this.body.transcript.entries.map(({ who, text }) => ({ who, text }));
  }

  emit(name, detail = {}) {
    const cancelable = name === 'link';
    return this.host.dispatchEvent(new CustomEvent(`greenroom:${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }

  // ---- what the page tells

  /** @returns {Record<string, string|number|boolean>|undefined} as much as may be sent */
  get context() {
    const written = Object.entries(this.host.dataset).filter(([key]) => /^context[A-Z]/.test(key));
    const named = written.map(([key, value]) => [key.slice(7).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).slice(1), value]);
    const all = { ...Object.fromEntries(named), ...this.#given.context };
    const good = Object.entries(all).filter(([name, value]) => NAME.test(name) && isTellable(value));
    if (good.length < Object.keys(all).length || good.length > MOST_VALUES) console.warn('greenroom-chat: some values of `context` cannot be told; see docs.');
    const told = good.slice(0, MOST_VALUES).map(([name, value]) => [name, typeof value === 'string' ? this.dom.cut(value, MOST_CHARS) : value]);
    return told.length || this.#told ? Object.fromEntries(told) : undefined;
  }

  /** Takes up what the page has changed. */
  async follow() {
    const values = this.context;
    const now = JSON.stringify(values ?? null);
    if (this.talk && values && now !== this.#told) this.talk.wire.send('session.context', { id: `context-${Date.now()}`, values });
    this.#told = values ? now : '';
    this.#drawFace();
    this.#obey();
    const run = ++this.#run;
    const words = await wordsFor(this.words.shown);
    if (run !== this.#run) return;
    this.#words = words;
    this.#drawTakeAlong();
    this.#tease();
  }

  // ---- before the talk

  /** @returns {boolean} whether the visitor has not said yes yet, where the site asks for it */
  waits() {
    const terms = this.host.getAttribute('consent');
    const isFree = terms === null || this.#memory('agreed').load() === terms;
    if (this.#gate && (isFree || this.#gate.terms !== terms)) {
      this.#gate.lift?.();
      this.#gate = null;
    }
    if (!isFree && !this.#gate) this.#open(terms);
    return !isFree;
  }

  /** What the site asks for may change while they talk: nothing more is sent until the visitor has said yes to it. */
  #obey() {
    const isGated = this.#gate !== null;
    if (!this.talk && !isGated) return;
    if (this.waits()) this.talk?.suspend();
    else if (isGated) this.#connect();
  }

  #connect() {
    if (this.talk) this.talk.open();
    else this.#tools.connect();
  }

  async #open(terms) {
    /** @type {{terms: string, lift?: () => void}} */ const gate = (this.#gate = { terms });
    try {
      const { drawGate } = await import('./welcome.js');
      this.#words = await wordsFor(this.words.shown);
      if (gate !== this.#gate) return;
      gate.lift = drawGate(this, () => {
        this.#memory('agreed').save(terms);
        this.#gate = null;
        this.emit('consent');
        this.#connect();
      });
    } catch {
      if (gate === this.#gate) this.#gate = null;
      this.body.notices.say('problem', ['retry', () => this.waits() || this.#connect()]);
    }
  }

  async #tease() {
    const wanted = this.host.hasAttribute('teaser') && this.host.getAttribute('mode') !== 'inline' && !this.isOpen;
    if (!wanted || this.#unteased || this.#memory('teased').load() === this.host.getAttribute('teaser')) return;
    this.#unteased = () => {};
    const { drawTeaser } = await import('./welcome.js');
    this.#unteased = drawTeaser(this);
  }

  /** This teaser is not shown again. @param {string} words */
  teased(words) {
    this.#memory('teased').save(words);
  }

  /** What the visitor said to this widget of this server stays beyond the tab. @param {string} what @returns {Memory} */
  #memory(what) {
    const key = `${this.#tools.place()}:${what}`;
    const memory = this.#memories.get(key) ?? new Memory(key, () => localStorage);
    this.#memories.set(key, memory);
    return memory;
  }

  #drawFace() {
    const { launch } = this.body.v;
    const poster = this.host.getAttribute('poster');
    const face = launch.querySelector('.face');
    if (!this.host.hasAttribute('teaser') || !poster) return face?.remove();
    if (!face) launch.prepend(this.dom.el('img', { class: 'face', part: 'face', src: new URL(poster, document.baseURI).href, alt: '' }));
  }

  /** @param {number} more */
  unread(more) {
    const { launch } = this.body.v;
    this.#unread = this.isOpen ? 0 : this.#unread + more;
    launch.querySelector('.badge')?.remove();
    if (!this.#unread) return;
    const label = this.t('unread').replace('{n}', String(this.#unread));
    launch.append(this.dom.el('span', { class: 'badge', part: 'badge', role: 'img', 'aria-label': label, text: String(this.#unread) }));
  }

  // ---- the talk

  /** @param {HTMLElement} place @param {import('../transcript.js').Entry} entry */
  async card(place, entry) {
    const card = /** @type {object} */ (entry.card);
    const { session } = this;
    const known = this.#cards.get(card);
    const kept = known?.session === session ? known : { place, session, drawn: this.#drawCard(place, entry) };
    this.#cards.set(card, kept); // before it is drawn: a second place in the meantime must not get a form of its own
    await kept.drawn;
    if (kept.place === place) return;
    place.replaceChildren(...kept.place.childNodes);
    place.classList.add(...kept.place.classList);
    kept.place = place;
  }

  async #drawCard(place, entry) {
    const { drawCard } = await import('./cards.js');
    this.#words = await wordsFor(this.words.shown);
    drawCard(place, entry, this);
  }

  /** @param {string} turn @param {'up'|'down'} score */
  async rated(turn, score) {
    const { askWhy } = await import('./people.js');
    askWhy(this, turn, score);
  }

  /** Shows something at the end of the talk. @param {HTMLElement} node @param {string} [kind] one of a kind is shown at a time */
  show(node, kind = '') {
    const { log } = this.body.v;
    if (kind) log.querySelector(`[data-kind="${kind}"]`)?.remove();
    const line = this.dom.el('div', { class: 'turn avatar', 'data-kind': kind }, node);
    log.append(line);
    line.scrollIntoView({ block: 'nearest' });
  }

  /** Sends what is answered by `request.accepted`, again after each break. @param {string} type @param {object} body @param {Reply} [reply] */
  request(type, body, reply = {}) {
    const id = this.talk?.wire.submit(type, body);
    if (id) this.#asked.set(id, reply);
  }

  /** @param {any} call of a function of the page */
  async answer(call) {
    (await import('./calls.js')).answerCall(call, this);
  }

  /** @param {string} name @param {Record<string, string>} values */
  async runQuietly(name, values) {
    const { registered, carryOut } = await import('./calls.js');
    const own = registered(this.functions, name);
    if (own) await carryOut(own.run, values, 10, this.dom.cut);
  }

  dress() {
    const root = /** @type {ShadowRoot} */ (this.host.shadowRoot);
    try {
      const sheet = new (/** @type {any} */ (root.ownerDocument.defaultView).CSSStyleSheet)();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      if (root.adoptedStyleSheets.includes(sheet)) return;
    } catch {
      // Not constructed, or not taken.
    }
    root.append(this.dom.el('style', { text: CSS }));
  }

  #listen() {
    const on = (name, heard) => this.host.addEventListener(`greenroom:${name}`, ({ detail }) => heard(detail));
    on('accepted', ({ ref }) => this.#settle(ref, 'accepted'));
    on('connection', ({ code }) => code === DROPPED && [...this.#asked.keys()].forEach((ref) => this.#settle(ref, 'refused')));
    on('error', (error) => error.ref && this.#settle(error.ref, 'refused', error));
    on('handover', async ({ turn }) => this.host.hasAttribute('handover') && (await import('./people.js')).offerPerson(this, turn));
    on('open', () => (this.unread(0), this.#unteased?.()));
    on('answer', () => this.unread(1));
  }

  #settle(ref, how, /** @type {any} */ error = undefined) {
    const reply = this.#asked.get(ref);
    if (error?.retryable) return;
    this.#asked.delete(ref);
    reply?.[how]?.(error);
  }

  #drawTakeAlong() {
    const { controls } = this.body.v;
    const there = controls.querySelector('.take-along');
    if (!this.host.hasAttribute('take-along')) return there?.remove();
    const press = async () => (await import('./people.js')).takeAlong(this);
    if (!there) controls.append(this.dom.button({ part: 'take-along', icon: 'down', label: this.t('takeAlong'), press }));
    else there.setAttribute('aria-label', this.t('takeAlong'));
  }
}

/** Whether JSON and the server can take it. @param {unknown} value */
function isTellable(value) {
  return ['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && Math.abs(value) < MOST);
}
