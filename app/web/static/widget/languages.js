/**
 * The switch of languages: shown where the catalog has more than one. A choice is remembered for the language that the page
 * asked for when it was made: a page in another language begins in its own.
 */

import { el } from './dom.js';
import { Memory } from './memory.js';

export class Languages {
  #memory = new Memory('');
  #place;
  #page;
  #choose;
  #label = '';
  #current = '';
  /** @type {import('./languages/switch.js').LanguageSwitch|undefined} */ #list;

  /**
   * @param {HTMLElement} place where it is drawn
   * @param {() => string} page the locale that the page asks for
   * @param {(locale: string) => void} choose called with a language that is to be spoken from now on
   */
  constructor(place, page, choose) {
    this.#place = place;
    this.#choose = choose;
    this.#page = page;
  }

  /** @param {string} key one for each conversation of a page */
  open(key) {
    this.#memory = new Memory(`${key}:locale`, () => localStorage);
  }

  /** What the visitor chose, or nothing. @returns {string} */
  get chosen() {
    const choice = this.#memory.load();
    return choice?.page === this.#page() && typeof choice?.locale === 'string' ? choice.locale : '';
  }

  /**
   * @param {string[]} locales the catalog's, its default one first
   * @param {string} current the one that is spoken: of a session that was resumed, perhaps what another page asked for
   */
  async offer(locales, current) {
    this.show(current);
    if (locales.length < 2) return this.#list?.offer(locales, current);
    const { LanguageSwitch, nearest } = await import('./languages/switch.js');
    this.#list ??= new LanguageSwitch(this.#place, { el, label: this.#label, chose: (locale) => this.#chose(locale) });
    this.#list.offer(locales, this.#current);
    const wanted = this.chosen || this.#page();
    if (nearest(locales, wanted) !== this.#current) this.#choose(wanted);
  }

  /** @param {string} current the one that is spoken now */
  show(current) {
    this.#current = current;
    this.#list?.show(current);
  }

  /** @param {string} label its spoken name */
  label(label) {
    this.#label = label;
    this.#list?.label(label);
  }

  #chose(locale) {
    this.#memory.save({ locale, page: this.#page() });
    this.#choose(locale);
  }
}
