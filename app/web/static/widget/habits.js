/** What the visitor chose on one page of a site and keeps on the next, in this tab: the panel open, captions, sound. */

import { Memory } from './memory.js';
import { settled } from './props.js';

/** Where the panel covers the whole screen, the page that was followed to would not be seen. */
const COVERS = '(max-width: 480px), (max-height: 480px)';

export class Habits {
  #memory = new Memory('');

  /** @param {string} name what the conversation is kept by */
  open(name) {
    this.#memory = new Memory(`${name}:habits`);
  }

  /** @param {{open?: boolean, captions?: 'on'|'off', sound?: boolean}} change */
  keep(change) {
    this.#memory.save({ ...this.#memory.load(), ...change });
  }

  /** @param {HTMLElement} host @param {'on'|'off'} captions */
  caption(host, captions) {
    host.setAttribute('captions', captions);
    this.keep({ captions });
  }

  /**
   * Takes up what was kept. A page that says itself whether the panel is open has its way; sound is tried, and the browser
   * has the last word.
   *
   * @param {HTMLElement} host
   * @param {import('./stage.js').Stage} stage
   */
  restore(host, stage) {
    const { open, captions, sound } = this.#memory.load() ?? {};
    if (captions) host.setAttribute('captions', captions);
    if (sound) stage.mute(false);
    const isFree = !host.hasAttribute('open') && !settled.has(host) && host.getAttribute('mode') !== 'inline';
    if (open && isFree && !matchMedia(COVERS).matches) host.setAttribute('open', '');
  }
}
