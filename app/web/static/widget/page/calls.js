/** Functions of the page that the presenter calls: only registered ones, only with the visitor's yes, only for so long. */

const MOST_TEXT = 500;

/** @typedef {(arguments_: Record<string, string>) => unknown} Callable */

/**
 * @param {Record<string, any>|undefined} functions what the page has registered: a function, or `{run, consent}`
 * @param {string} name
 * @returns {{run: Callable, consent: boolean}|null}
 */
export function registered(functions, name) {
  const one = functions && Object.hasOwn(functions, name) ? functions[name] : null;
  const run = typeof one === 'function' ? one : one?.run;
  return typeof run === 'function' ? { run, consent: one.consent !== false } : null;
}

/**
 * @param {Callable} run
 * @param {Record<string, string>} given
 * @param {number} timeout_s
 * @param {typeof import('../dom.js').cut} cut
 * @returns {Promise<{outcome: string, text: string}>}
 */
export async function carryOut(run, given, timeout_s, cut) {
  /** @type {number|undefined} */ let timer;
  const late = new Promise((resolve) => (timer = window.setTimeout(() => resolve({ outcome: 'late', text: '' }), timeout_s * 1000)));
  const done = (async () => {
    const result = await run(Object.freeze({ ...given }));
    const isTold = ['string', 'number', 'boolean'].includes(typeof result);
    return { outcome: 'done', text: isTold ? cut(result, MOST_TEXT) : '' };
  })().catch((error) => {
    console.warn('greenroom-chat: a function of the page failed:', error);
    return { outcome: 'failed', text: '' };
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** @param {any} call a `response.call` @param {import('./page.js').Page} page */
export async function answerCall(call, page) {
  const { el, button } = page.dom;
  const told = (outcome, text = '') => {
    page.request('call.result', { call: call.call, outcome, text });
    page.emit('called', { function: call.function, outcome, text });
  };
  const own = registered(page.functions, call.function);
  if (!own) return told('unknown');
  const box = el('div', { class: 'card rich call', part: 'card', role: 'group', 'aria-label': page.t('wants') });
  const run = async () => {
    box.replaceChildren(el('p', { class: 'note', role: 'status', text: page.t('working') }));
    const { outcome, text } = await carryOut(own.run, call.arguments ?? {}, call.timeout_s ?? 10, page.dom.cut);
    const words = outcome === 'done' ? text || page.t('done') : page.t(outcome === 'late' ? 'tooLate' : 'failed');
    box.replaceChildren(el('p', { class: outcome === 'done' ? 'result' : 'told', role: 'status', dir: 'auto', text: words }));
    told(outcome, text);
  };
  page.show(box);
  if (!own.consent) return run();
  const refuse = () => {
    box.remove();
    told('refused');
  };
  const yes = button({ part: 'call-yes', text: page.t('yes'), press: run });
  const no = button({ part: 'call-no', text: page.t('no'), press: refuse });
  box.append(el('p', { dir: 'auto', text: call.ask || page.t('mayCall') }), el('div', { class: 'row' }, yes, no));
}
