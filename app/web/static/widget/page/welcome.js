/** Before the talk: the visitor's yes where the site asks for it, the teaser at the launcher, what is unread. */

import { markdown } from './markdown.js';

const TEASER_AFTER_S = 4;

/**
 * Covers the panel until the visitor has said yes. Nothing has been fetched from the server then.
 *
 * @param {import('./page.js').Page} page
 * @param {() => void} agree
 * @returns {() => void} takes it away
 */
export function drawGate(page, agree) {
  const { el, button } = page.dom;
  const { panel, input } = page.body.v;
  const words = el('div', { class: 'body', id: 'terms', dir: 'auto' }, ...markdown(el, page.host.getAttribute('consent') || page.t('terms')));
  const gate = el('div', { class: 'gate', part: 'consent', role: 'group', 'aria-describedby': 'terms', 'aria-label': page.t('consent') });
  const kept = [...panel.children];
  const lift = () => {
    gate.remove();
    for (const child of kept) child.inert = false;
  };
  const open = () => {
    lift();
    agree();
    input.focus({ preventScroll: true });
  };
  const yes = button({ part: 'consent-yes', text: page.t('agree'), press: open });
  const no = button({ part: 'consent-no', text: page.t('no'), press: () => page.host.hide() });
  gate.append(words, el('div', { class: 'row' }, yes, ...(page.host.getAttribute('mode') === 'inline' ? [] : [no])));
  for (const child of kept) child.inert = true;
  panel.append(gate);
  if (page.isOpen) yes.focus({ preventScroll: true });
  return lift;
}

/** @param {import('./page.js').Page} page @returns {() => void} takes the teaser away */
export function drawTeaser(page) {
  const { el, button } = page.dom;
  const { root } = page.body.v;
  /** @type {any} */ let teaser;
  const words = page.host.getAttribute('teaser') ?? '';
  const gone = (isSeen = true) => {
    clearTimeout(timer);
    teaser?.remove();
    if (isSeen) page.teased(words);
  };
  const after_s = Number(page.host.getAttribute('teaser-after') ?? TEASER_AFTER_S);
  const timer = setTimeout(() => {
    if (page.isOpen || !page.host.isConnected) return;
    const open = button({ part: 'teaser-open', text: words, press: () => page.body.v.launch.click() });
    const close = button({ part: 'teaser-close', icon: 'close', label: page.words.t('close'), press: () => gone() });
    teaser = el('div', { class: 'teaser', part: 'teaser', role: 'status', dir: 'auto' }, open, close);
    root.prepend(teaser);
    page.unread(1);
    page.emit('teaser');
  }, after_s * 1000);
  return gone;
}
