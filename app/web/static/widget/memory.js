/**
 * What survives a reload of this tab. Storage may be forbidden (private mode, sandboxed frame): then nothing survives,
 * and nothing breaks.
 */
export class Memory {
  #key;

  /** @param {string} key one for each conversation of a page */
  constructor(key) {
    this.#key = `greenroom:${key}`;
  }

  /** @returns {any} what was last saved, or null */
  load() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {unknown} value null forgets */
  save(value) {
    try {
      if (value === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Forbidden or full: the conversation lives as long as the page.
    }
  }
}
