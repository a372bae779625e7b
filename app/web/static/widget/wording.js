/** The words that the widget shows: in which language, by whose name, and which of them the page has replaced. */

import { en, stringsFor } from './strings.js';

export class Wording {
  #host;
  /** @type {Record<string, string>} */ #own = {};
  #strings = en;
  #avatar = { name: '', disclosure: '' };
  #answered = '';
  #run = 0;

  /** @type {() => void} every word is to be drawn again */ onchange = () => {};

  /** @param {HTMLElement} host the element, whose attributes have a say */
  constructor(host) {
    this.#host = host;
  }

  /** @type {() => string} BCP 47 tag of the language that the visitor chose, or nothing */ chosen = () => '';

  /** @returns {string} BCP 47 tag of the language that the page asks for */
  get page() {
    const near = this.#host.closest('[lang]')?.getAttribute('lang');
    return this.#host.getAttribute('locale') || near || navigator.language || 'en';
  }

  /** @returns {string} BCP 47 tag of the language that is asked for */
  get asked() {
    return this.chosen() || this.page;
  }

  /** @returns {string} BCP 47 tag of the language that is shown: what the presenter speaks, unless the page insists */
  get shown() {
    const isInsisted = this.#host.hasAttribute('locale') && !this.chosen();
    return (!isInsisted && this.#answered) || this.asked;
  }

  /** @type {Record<string, string>} */
  get own() {
    return this.#own;
  }

  set own(texts) {
    this.#own = texts;
    this.onchange();
  }

  /** @type {(key: import('./strings.js').StringKey) => string} */
  t = (key) => (this.#own[key] ?? this.#strings[key] ?? key).replaceAll('{name}', this.name);

  get name() {
    return this.#host.getAttribute('name') || this.#avatar.name || this.#strings.someone;
  }

  get disclosure() {
    return this.#avatar.disclosure || this.t('disclosure');
  }

  /** @param {{avatar?: {name?: string, disclosure?: string}, locale?: string}} message the session's first */
  welcome({ avatar, locale = '' }) {
    this.#avatar.name = avatar?.name ?? '';
    this.speaks({ locale, disclosure: avatar?.disclosure ?? '' });
  }

  /** @param {{locale: string, disclosure: string}} message the presenter speaks this language from now on */
  speaks({ locale, disclosure }) {
    this.#avatar.disclosure = disclosure;
    this.#answered = locale;
    this.follow();
  }

  /** The server is another one: what the last one said of itself is forgotten. */
  forget() {
    this.#avatar = { name: '', disclosure: '' };
    this.#answered = '';
    this.follow();
  }

  /** Shows the words of the language that is wanted now; those that are not here yet follow when they have come. */
  async follow() {
    const run = ++this.#run;
    this.onchange();
    const strings = await stringsFor(this.shown);
    if (run !== this.#run) return;
    this.#strings = strings;
    this.onchange();
  }
}
