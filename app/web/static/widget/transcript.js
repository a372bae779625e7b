/**
 * The conversation in words: what was asked, what was answered, with replay, rating and card. It outlives sessions and
 * reloads of the tab. Not a live region itself, because a text that grows word by word would be read again and again.
 *
 * @typedef {import('./wire.js').Clip} Clip
 * @typedef {import('./wire.js').Card} Card
 * @typedef {{who: 'visitor'|'avatar', session?: string, turn?: string, id?: string, text: string, holding?: string,
 *   final?: boolean, clip?: Clip|null, source?: string, intent?: string, card?: Card|null, outcome?: string,
 *   score?: 'up'|'down', unsent?: boolean, sent?: boolean}} Entry
 */

import { button, el, icon, safeLink } from './dom.js';

const KEPT = 60;
const RATED = new Set(['answered', 'generated', 'missed']);

export class Transcript {
  /** @type {Entry[]} */ #entries = [];
  /** @type {Map<Entry, HTMLElement>} */ #nodes = new Map();
  #root;
  #memory;
  #t;
  #act;
  #isAtEnd = true;

  /** A card is drawn later than its words, and pushes what came meanwhile out of sight. */
  #sizes = new ResizeObserver(() => this.#follow());

  /** Turns are numbered within a session. */
  session = '';

  /**
   * @param {HTMLElement} root a scrolling list
   * @param {object} options
   * @param {import('./memory.js').Memory} options.memory
   * @param {(key: import('./strings.js').StringKey) => string} options.t
   * @param {{replay: (clip: Clip) => void, rate: (turn: string, score: 'up'|'down') => void,
   *   follow: (event: Event, url: URL, card: Card) => void, card: (place: HTMLElement, entry: Entry) => void}} options.act
   */
  constructor(root, { memory, t, act }) {
    this.#root = root;
    this.#memory = memory;
    this.#t = t;
    this.#act = act;
    root.addEventListener('scroll', () => (this.#isAtEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 60));
    this.#sizes.observe(root);
  }

  get entries() {
    return structuredClone(this.#entries);
  }

  /** Whether the visitor has said anything. */
  get isUsed() {
    return this.#entries.some(({ who }) => who === 'visitor');
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** @param {string} id the input's @param {string} text */
  visitor(id, text) {
    this.#add({ who: 'visitor', id, text });
  }

  /** The server did not take this input. @param {string} id */
  unsent(id) {
    const entry = this.#entries.find((one) => one.id === id);
    if (entry) this.#change(entry, { unsent: true });
  }

  /** @param {string} turn @returns {Entry} its entry, made on first use */
  turn(turn) {
    return (
      this.#entries.find((one) => one.turn === turn && one.session === this.session) ??
      this.#add({ who: 'avatar', session: this.session, turn, text: '' })
    );
  }

  /** @param {string} turn @param {string} delta more words of an answer that is being written */
  delta(turn, delta) {
    const entry = this.turn(turn);
    if (!entry.final) this.#change(entry, { text: entry.text + delta });
  }

  /** @param {string} turn @param {Partial<Entry>} change */
  update(turn, change) {
    this.#change(this.turn(turn), change);
  }

  /** A new session will not answer what the old one still owed. @param {string} outcome */
  settle(outcome) {
    for (const entry of this.#entries) if (isPending(entry)) this.#change(entry, { outcome });
  }

  /** Marks the answer that is being spoken. @param {string|null} turn */
  speaking(turn) {
    for (const [entry, node] of this.#nodes) node.classList.toggle('now', turn !== null && isTurn(entry, turn, this.session));
  }

  clear() {
    this.#memory.save(null);
    this.open(this.#memory);
  }

  /** Shows another conversation. @param {import('./memory.js').Memory} memory what it is kept in */
  open(memory) {
    this.#memory = memory;
    this.#entries = memory.load() ?? [];
    this.#nodes.clear();
    this.#root.replaceChildren();
    for (const entry of this.#entries) this.#draw(entry);
  }

  /** Draws everything again, in other words. */
  redraw() {
    for (const entry of this.#entries) this.#draw(entry);
    this.#follow();
  }

  #add(entry) {
    this.#entries.push(entry);
    for (const old of this.#entries.splice(0, this.#entries.length - KEPT)) {
      this.#nodes.get(old)?.remove();
      this.#nodes.delete(old);
    }
    this.#change(entry, {});
    return entry;
  }

  #change(entry, change) {
    this.#isAtEnd ||= entry.who === 'visitor' && !change.unsent;
    Object.assign(entry, change);
    this.#draw(entry);
    this.#memory.save(this.#entries);
    this.#follow();
  }

  /** Keeps the newest words in view, their beginning if not all have room, unless the visitor has scrolled away. */
  #follow() {
    const root = this.#root;
    const last = root.lastElementChild;
    if (!this.#isAtEnd || !last) return;
    const beginning = root.scrollTop + last.getBoundingClientRect().top - root.getBoundingClientRect().top - 16;
    root.scrollTop = Math.min(root.scrollHeight - root.clientHeight, beginning);
  }

  #draw(entry) {
    const node = this.#nodes.get(entry) ?? el('div', { class: `turn ${entry.who}`, part: `message ${entry.who}` });
    if (!this.#nodes.has(entry)) this.#root.append(node), this.#sizes.observe(node);
    this.#nodes.set(entry, node);
    node.replaceChildren(...(entry.who === 'visitor' ? this.#drawVisitor(entry) : this.#drawAvatar(entry)));
  }

  #drawVisitor(entry) {
    const said = el('p', { class: 'said', dir: 'auto', text: entry.text });
    return entry.unsent ? [said, el('p', { class: 'note', text: this.#t('unsent') })] : [said];
  }

  #drawAvatar(entry) {
    const text = entry.text || (entry.outcome && entry.outcome !== 'cancelled' ? this.#t('noAnswer') : '');
    const said = text ? el('p', { class: 'said', dir: 'auto', text }) : !entry.outcome && this.#drawPending(entry);
    const parts = [said, entry.card && this.#drawCard(entry.card, entry), this.#drawFoot(entry)];
    return parts.filter(Boolean);
  }

  #drawPending({ holding }) {
    const dots = el('span', { class: 'dots', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'));
    return el('p', { class: 'said pending' }, ...(holding ? [holding, dots] : [dots]));
  }

  #drawCard(card, entry) {
    if (card.kind) {
      const place = el('div', { class: 'card', part: 'card' });
      this.#act.card(place, entry);
      return place;
    }
    const url = safeLink(card.url);
    const words = [el('strong', { dir: 'auto', text: card.title }), ...(card.body ? [el('span', { dir: 'auto', text: card.body })] : [])];
    if (!url) return el('div', { class: 'card', part: 'card' }, ...words);
    const isElsewhere = url.protocol !== 'tel:' && url.origin !== location.origin;
    const away = isElsewhere && { target: '_blank', rel: 'noopener noreferrer', title: this.#t('newTab') };
    const click = (event) => this.#act.follow(event, url, card);
    return el('a', { class: 'card', part: 'card', href: url.href, click, ...away }, ...words, icon('link'));
  }

  #drawFoot(entry) {
    const foot = el('div', { class: 'foot' });
    const isFilming = entry.holding && entry.final && !entry.clip && !entry.outcome;
    const note = isFilming ? `${this.#t('filming')}…` : this.#note(entry);
    if (note) foot.append(el('span', { class: isFilming ? 'note filming' : 'note', text: note }));
    if (entry.clip) {
      foot.append(button({ part: 'replay', icon: 'replay', label: this.#t('replay'), press: () => this.#act.replay(entry.clip) }));
    }
    if (RATED.has(entry.outcome ?? '') && entry.session === this.session) foot.append(...this.#drawRating(entry));
    return foot.childNodes.length ? foot : null;
  }

  #note({ outcome, clip, source }) {
    if (outcome === 'cancelled') return this.#t('stopped');
    return source === 'generated' && clip ? this.#t('fresh') : '';
  }

  #drawRating(entry) {
    const press = (score) => {
      entry.score = score;
      for (const one of both) one.setAttribute('aria-pressed', String(one === both[score === 'up' ? 0 : 1]));
      this.#memory.save(this.#entries);
      this.#act.rate(entry.turn, score);
    };
    const both = /** @type {const} */ (['up', 'down']).map((score) => {
      const node = button({ part: `rate ${score}`, icon: score, label: this.#t(score), press: () => press(score) });
      node.setAttribute('aria-pressed', String(entry.score === score));
      return node;
    });
    return both;
  }
}

/** @param {Entry} entry */
function isPending({ who, outcome, turn }) {
  return who === 'avatar' && !outcome && turn !== 'greeting';
}

function isTurn(entry, turn, session) {
  return entry.turn === turn && entry.session === session;
}
