/** The list of languages: loaded where a catalog speaks more than one. It stands alone: what it draws with is handed to it. */
export class LanguageSwitch {
  #name;
  #list;
  #root;

  /**
   * @param {HTMLElement} place where it is drawn
   * @param {{el: typeof import('../dom.js').el, label: string, chose: (locale: string) => void}} options `label` is its spoken name
   */
  constructor(place, { el, label, chose }) {
    this.el = el;
    this.#name = el('span', { class: 'tongue', 'aria-hidden': 'true' });
    this.#list = el('select', { class: 'tongues', part: 'language-list' });
    this.#root = el('span', { class: 'language', part: 'button language' }, this.#name, this.#list);
    this.label(label);
    this.#list.addEventListener('change', () => {
      chose(this.#list.value);
      this.#draw();
    });
    place.prepend(this.#root);
  }

  /** @param {string[]} locales the catalog's, its default one first @param {string} current the one that is spoken */
  offer(locales, current) {
    const { el } = this;
    this.#root.hidden = locales.length < 2;
    this.#list.replaceChildren(
      ...locales.map((locale) => el('option', { value: locale, lang: locale, text: nameOf(locale), selected: locale === current })),
    );
    this.#draw();
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

/**
 * As the server chooses: the same, the same language, or the default.
 *
 * @param {string[]} locales @param {string} wanted
 */
export function nearest(locales, wanted) {
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
