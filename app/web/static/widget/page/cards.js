/** Cards of every kind, drawn from their parts; what stands in them is text and addresses, never markup. */

import { drawForm } from './forms.js';
import { linkTo, markdown } from './markdown.js';

const MAPS = 'https://www.openstreetmap.org/search?query=';

/**
 * @param {HTMLElement} place
 * @param {import('../transcript.js').Entry} entry
 * @param {import('./page.js').Page} page
 */
export function drawCard(place, entry, page) {
  const { el, safeLink } = page.dom;
  const card = /** @type {import('../wire.js').Card} */ (entry.card);
  place.classList.add('rich', String(card.kind).replace(/[^a-z]/g, ''));
  const picture = card.image && /^https?:/.test(linkTo(card.image)) && linkTo(card.image);
  const parts = [
    picture && el('img', { src: picture, alt: card.alt ?? '', loading: 'lazy', referrerpolicy: 'no-referrer' }),
    el('strong', { class: 'title', dir: 'auto', text: card.title }),
    card.price && el('span', { class: 'price', dir: 'auto', text: card.price }),
    card.body && el('div', { class: 'body', dir: 'auto' }, ...markdown(el, card.body)),
    card.items && el('ul', { dir: 'auto' }, ...card.items.map((text) => el('li', { text }))),
    card.address && el('address', { dir: 'auto', text: card.address }),
    card.form && drawForm(card, entry, page),
  ];
  const url = safeLink(card.url) ?? (card.kind === 'map' && card.address ? new URL(MAPS + encodeURIComponent(card.address)) : null);
  const mail = typeof card.url === 'string' && card.url.startsWith('mailto:') && linkTo(card.url);
  if (url || mail) {
    const href = mail || /** @type {URL} */ (url).href;
    const isElsewhere = url?.protocol.startsWith('http') && url.origin !== location.origin;
    const away = isElsewhere && { target: '_blank', rel: 'noopener noreferrer', title: page.words.t('newTab') };
    const click = (event) => !page.emit('link', { url: href, card }) && event.preventDefault();
    const text = page.t(card.kind === 'map' ? 'onMap' : 'more');
    parts.push(el('a', { class: 'go', part: 'button card-link', href, click, ...away, text, 'aria-label': `${text}: ${card.title}` }));
  }
  place.replaceChildren(...parts.filter(Boolean));
}
