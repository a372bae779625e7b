/**
 * The switch of languages: shown where the catalog has more than one. A choice is remembered for the language that the page
 * asked for when it was made: a page in another language begins in its own.
 */

import { el } from './dom.js';
import { Memory } from './memory.js';

export class Languages {
  #memory = new Memory('');
  #page;
  #choose;
  #name = el('span', { class: 'tongue', 'aria-hidden': 'true' });
  #list = el('select', { class: 'tongues', part: 'language-list' });
  #root = el('span', { class: 'language', part: 'button language', hidden: true }, this.#name, this.#list);

  /**
   * @param {HTMLElement} place where it is drawn
   * @param {() => string} page the locale that the page asks for
   * @param {(locale: string) => void} choose called with a language that is to be spoken from now on
   */
  constructor(place, page, choose) {
    this.#choose = choose;
    this.#page = page;
    this.#list.addEventListener('change', () => {
      this.#memory.save({ locale: this.#list.value, page: page() });
      this.#draw();
      choose(this.#list.value);
    });
    place.prepend(this.#root);
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
  offer(locales, current) {
    this.#root.hidden = locales.length < 2;
    this.#list.replaceChildren(
      ...locales.map((locale) => el('option', { value: locale, lang: locale, text: nameOf(locale), selected: locale === current })),
    );
    this.#draw();
    const wanted = this.chosen || this.#page();
    if (locales.length > 1 && nearest(locales, wanted) !== current) this.#choose(wanted);
  }

  /** @param {string} current the one that is spoken now */
  show(current) {
    this.#list.value = current;
    this.#draw();
  }

  /** @param {string} label its spoken name */
  label(label) {
    this.#list.setAttribute('aria-label', label);
    this.#list.title = label;
  }

  #draw() {
    this.#name.textContent = this.#list.value.split('-')[0];
  }
}

/** As the server chooses: the same, the same language, or the default. @param {string[]} locales @param {string} wanted */
function nearest(locales, wanted) {
  const tag = wanted.toLowerCase();
  const known = (/** @type {(one: string) => boolean} */ fits) => locales.find((one) => fits(one.toLowerCase()));
  return known((one) => one === tag) ?? known((one) => one.split('-')[0] === tag.split('-')[0]) ?? locales[0];
}

/** A language's name in itself: `Español`. @param {string} locale @returns {string} */
function nameOf(locale) {
  try {
    const name = new Intl.DisplayNames([locale], { type: 'language', languageDisplay: 'standard' }).of(locale) ?? locale;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return locale;
  }
}
