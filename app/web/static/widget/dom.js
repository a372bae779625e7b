/**
 * Elements without markup: text is always text, so nothing here is a Trusted Types sink and no host CSP is in the way.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** Icons are drawn, 24 units square, because a page may have no emoji font. */
const ICONS = {
  captions: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM10.5 10.2a2 2 0 1 0 0 3.6M17 10.2a2 2 0 1 0 0 3.6',
  chat: 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8 9h8M8 12.5h5',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M7 14V4h10.2a2 2 0 0 1 2 1.6l1 5.5a2 2 0 0 1-2 2.4H14v4.3a2.2 2.2 0 0 1-2.2 2.2L9 14H7ZM3.5 4v10',
  link: 'M9 5h10v10M19 5L6 18',
  mic: 'M12 4a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3ZM6 11.5a6 6 0 0 0 12 0M12 17.5V21',
  mute: 'M4 9.5v5h3.5L12 19V5L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  play: 'M8 5.5l10.5 6.5L8 18.5V5.5Z',
  replay: 'M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4v4.5H9',
  send: 'M12 19.5v-15M5.5 11L12 4.5l6.5 6.5',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18.3 6.3a8 8 0 0 1 0 11.4',
  stop: 'M7.5 7.5h9v9h-9v-9Z',
  up: 'M7 10v10h10.2a2 2 0 0 0 2-1.6l1-5.5a2 2 0 0 0-2-2.4H14V6.2A2.2 2.2 0 0 0 11.8 4L9 10H7ZM3.5 10v10',
};

/**
 * Makes an element. In `props`, `class` and `text` are set as properties, functions become listeners, and everything
 * else an attribute (`true` an empty one; `false`, `null` and `undefined` none).
 *
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string)} kids
 * @returns {any} the element; `any`, because its type follows from the tag
 */
export function el(tag, props = {}, ...kids) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === 'class') node.className = value;
    else if (key === 'text') node.textContent = value;
    else if (typeof value === 'function') node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...kids);
  return node;
}

/**
 * Whether a key belongs to an input method that is at work. Safari ends the composition before it tells of the Enter that
 * did so, and marks that key with 229 only.
 *
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Text of at most so many UTF-16 units that JSON and server can take: no half of a surrogate pair. @param {unknown} text @param {number} most */
export const cut = (text, most) => String(text).slice(0, most).replace(/\p{Cs}/gu, '');

/** @param {keyof typeof ICONS} name @returns {SVGElement} hidden from screen readers: the button carries the words */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * Makes a button that shows an icon, words or both.
 *
 * @param {{part: string, icon?: keyof typeof ICONS, label?: string, text?: string, press: () => void}} what `label` is read
 *   aloud where there is no `text`
 * @returns {HTMLButtonElement}
 */
export function button({ part, icon: name, label, text, press }) {
  const node = el('button', { type: 'button', class: part.split(' ')[0], part: `button ${part}`, click: press });
  if (name) node.append(icon(name));
  if (text) node.append(el('span', { text }));
  if (label) nameIt(node, label);
  return node;
}

/** Gives a control its spoken name and its tooltip. @param {HTMLElement} node @param {string} label */
export function nameIt(node, label) {
  node.setAttribute('aria-label', label);
  node.title = label;
}

/** Changes a button's icon. @param {HTMLElement} node @param {keyof typeof ICONS} name */
export function redraw(node, name) {
  node.querySelector('path')?.setAttribute('d', ICONS[name]);
}

/**
 * The address a card may link to: http(s), a path of the page's own origin (or its `<base>`'s), or a telephone number; else no
 * link.
 *
 * @param {unknown} address
 * @returns {URL|null}
 */
export function safeLink(address) {
  if (typeof address === 'string' && /^tel:[+\d(][\d() -]*$/.test(address)) return new URL(address);
  if (typeof address !== 'string' || !/^(https?:\/\/|\/(?![/\\]))/i.test(address)) return null;
  try {
    const url = new URL(address, document.baseURI);
    return ['http:', 'https:'].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
