/** One line of news above the input: the state of the line, what went wrong, and what can be done about it. */

import { stalled } from './prefetch.js';
import { drawNotice } from './view.js';

/** @typedef {import('./strings.js').StringKey} StringKey */

/** A break shorter than this is bridged without a word. */
const QUIET_BREAK_MS = 1500;

/** What a closed line offers, by close code. @type {Record<number, [StringKey, StringKey?]>} */
const ENDINGS = { 4001: ['denied'], 4005: ['elsewhere', 'useHere'], 4006: ['outdated', 'reload'] };

export class Notices {
  #v;
  #t;
  /** @type {number|undefined} */ #timer;
  /** @type {number|undefined} */ #code;
  /** @type {string|undefined} */ #contact;

  /** @param {Record<string, any>} v @param {import('./view.js').Words} t */
  constructor(v, t) {
    this.#v = v;
    this.#t = t;
  }

  /** @param {StringKey|null} key null takes the notice away @param {...[StringKey, () => void]} actions */
  say(key, ...actions) {
    drawNotice(this.#v, key && this.#t(key) + (key === 'lost' ? this.#reach() : ''), ...actions.map(([name, press]) => ({ text: this.#t(name), press })));
  }

  /** Where people are reached, once nothing has worked for a while; a page may word it without the server's help. */
  #reach() {
    const words = this.#t('reach');
    const isSayable = this.#contact || (this.#contact === '' && !words.includes('{contact}'));
    return isSayable ? ` ${words.replace('{contact}', this.#contact ?? '')}` : '';
  }

  /** What the conversation tells may be worth a line. @param {string} name @param {any} detail */
  heard(name, detail) {
    if (name === 'error' && detail.ref && !detail.retryable) this.say('problem');
    if (name === 'ending' && detail.reason !== 'restart') this.say('ending');
    if (name === 'playback' && detail.event === 'stalled') stalled();
    if (name === 'playback' && detail.event === 'failed') this.say('wordsOnly');
    if (name === 'ask' || name === 'answer') this.say(null);
  }

  /** @param {import('./wire.js').Connection} connection @param {() => void} reopen */
  line({ state, code, contact }, reopen) {
    if (state === 'open' || state === 'closed') this.#timer = void clearTimeout(this.#timer);
    if (state === 'open') this.say(null);
    else if (state === 'waiting') {
      this.#code = code;
      // Counted from the first break: each try that fails is the same break going on.
      const tell = () => this.say(this.#code === 4008 ? 'busy' : 'lost', ['retry', reopen]);
      this.#contact = contact;
      if (contact !== undefined) tell();
      this.#timer ??= window.setTimeout(tell, QUIET_BREAK_MS);
    } else if (state === 'closed') {
      const [key, action = key === 'denied' ? undefined : 'restart'] = ENDINGS[code ?? 0] ?? ['ended'];
      const press = action === 'reload' ? () => location.reload() : reopen;
      this.say(key, ...(action ? [/** @type {[StringKey, () => void]} */ ([action, press])] : []));
    }
  }
}
