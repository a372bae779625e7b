/**
 * What survives a reload of this tab, or longer in another store. Storage may be forbidden (private mode, sandboxed frame):
 * then it lasts as long as the page, and nothing breaks.
 */
export class Memory {
  #key;
  #store;
  /** @type {string|null} what could not be stored; older is what is stored */ #here = null;

  /**
   * @param {string} key one for each conversation of a page
   * @param {() => Storage} [store] the tab's own unless given; asking for it may throw
   */
  constructor(key, store = () => sessionStorage) {
    this.#key = `greenroom:${key}`;
    this.#store = store;
  }

  /** @returns {any} what was last saved, or null */
  load() {
    try {
      return JSON.parse(this.#here ?? this.#store().getItem(this.#key) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {unknown} value null forgets */
  save(value) {
    try {
      if (value === null) this.#store().removeItem(this.#key);
      else this.#store().setItem(this.#key, JSON.stringify(value));
      this.#here = null;
    } catch {
      this.#here = JSON.stringify(value); // forbidden or full
    }
  }
}
