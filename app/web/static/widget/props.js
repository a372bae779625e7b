/**
 * The element's attributes and the properties that go with them. Frameworks set one or the other, before or after the
 * module has come, and take either away again: both always say the same.
 *
 * @typedef {'text'|'flag'|'switch'|'number'} Kind
 */

/** `save-data` is `saveData` as a property. @type {Record<string, Kind>} */
export const ATTRIBUTES = {
  open: 'flag', mode: 'text', position: 'text', server: 'text', locale: 'text', theme: 'text', name: 'text', poster: 'text',
  captions: 'switch', voice: 'switch', 'save-data': 'flag', 'prefetch-bytes': 'number', consent: 'text', teaser: 'text',
  handover: 'flag', 'take-along': 'flag',
};

/** @param {Element} element @param {string} name @returns {boolean} Vue writes `open="false"` before it knows the element */
export function isSet(element, name) {
  const value = element.getAttribute(name);
  return value !== null && value !== 'false';
}

/** @param {Element} element @param {string} name of an attribute that is on unless it says otherwise @returns {boolean} */
export function isOn(element, name) {
  return !['off', 'false'].includes(element.getAttribute(name) ?? 'on');
}

let server = '';

/** @param {string} address of the server, unless an element names another one */
export function setServer(address) {
  server = address;
}

/** @param {Element} element @returns {string} address of the server that it talks to, ending in `/` */
export function serverOf(element) {
  return new URL(element.getAttribute('server') || server, element.baseURI).href.replace(/\/?$/, '/');
}

/** Elements whose page has said by the property whether they are open; an absent attribute alone says nothing. */
export const settled = new WeakSet();

/** @type {Record<Kind, (element: Element, name: string) => any>} */
const READ = {
  text: (element, name) => element.getAttribute(name) ?? '',
  flag: isSet,
  switch: (element, name) => (isOn(element, name) ? 'on' : 'off'),
  number: (element, name) => (element.getAttribute(name) ? Number(element.getAttribute(name)) : null),
};

/** What an attribute is written as; null takes it away. @type {Record<Kind, (value: any) => string|null>} */
const WRITTEN = {
  text: String,
  flag: (value) => (value === false || value === 'false' ? null : ''),
  switch: (value) => (value === true ? 'on' : value === false ? 'off' : String(value)),
  number: String,
};

/** Gives a class the property of each attribute. @param {typeof HTMLElement} element */
export function reflect({ prototype }) {
  for (const [name, kind] of Object.entries(ATTRIBUTES)) {
    Object.defineProperty(prototype, name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), {
      configurable: true,
      enumerable: true,
      get() {
        return READ[kind](this, name);
      },
      set(value) {
        if (name === 'open') settled.add(this);
        const written = value === null || value === undefined ? null : WRITTEN[kind](value);
        if (written === null) this.removeAttribute(name);
        else if (this.getAttribute(name) !== written) this.setAttribute(name, written);
      },
    });
  }
}

/**
 * Takes over what was set on an element before it was one of ours: such a value lies on the element and hides the
 * property behind it.
 *
 * @param {any} element
 */
export function upgrade(element) {
  for (const name of Object.keys(element)) {
    if (!(name in Object.getPrototypeOf(element))) continue;
    const value = element[name];
    delete element[name];
    if (setterOf(element, name)) element[name] = value;
  }
}

function setterOf(element, name) {
  for (let proto = Object.getPrototypeOf(element); proto; proto = Object.getPrototypeOf(proto)) {
    const found = Object.getOwnPropertyDescriptor(proto, name);
    if (found) return found.set;
  }
}

/** @param {unknown} texts an object, or one written as JSON @returns {Record<string, string>} */
export function readTexts(texts) {
  try {
    const read = typeof texts === 'string' ? JSON.parse(texts) : texts;
    if (!read || typeof read !== 'object') return {};
    return Object.fromEntries(Object.entries(read).filter(([, words]) => typeof words === 'string'));
  } catch {
    console.warn('greenroom-chat: `texts` is neither an object nor JSON:', texts);
    return {};
  }
}
