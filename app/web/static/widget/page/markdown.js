/**
 * A little Markdown as elements: paragraphs, lists, strong, emphasis, code, links. Nothing here reads markup: HTML is text
 * like any other, and a link that leads anywhere but to a page or a mailbox is its own words.
 */

const INLINE = new RegExp(
  [
    /\\([\\`*_{}[\]()#+\-.!|<>~])/, // 1: an escaped sign
    /`([^`\n]{1,300})`/, // 2: code
    /\*\*(?=[^\s*])((?:\\.|[^*\\\n]){1,500})\*\*/, // 3: strong
    /\*(?=[^\s*])((?:\\.|[^*\\\n]){1,500})\*/, // 4: emphasis
    /\[((?:\\.|[^\]\\\n]){1,300})\]\(([^()\s]{1,1000})\)/, // 5, 6: a link
    /(\n)/, // 7: a line's end
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
const ITEM = /^ {0,3}(?:([-+*])|\d{1,4}[.)]) +(.*)$/;
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** @typedef {typeof import('../dom.js').el} Make */

/** @param {unknown} address @returns {string} where a link may lead, or nothing */
export function linkTo(address) {
  if (typeof address !== 'string' || !/^(https?:\/\/|mailto:|\/(?![/\\]))/i.test(address)) return '';
  try {
    const url = new URL(address, document.baseURI);
    return SCHEMES.has(url.protocol) ? url.href : '';
  } catch {
    return '';
  }
}

/** @param {Make} el @param {string} text @returns {Node[]} its blocks */
export function markdown(el, text) {
  const blocks = [];
  /** @type {string[]} */ let said = [];
  /** @type {any} */ let list = null;
  const end = () => {
    if (said.length) blocks.push(el('p', {}, ...inline(el, said.join('\n'))));
    said = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const item = ITEM.exec(line);
    const heading = /^ {0,3}#{1,6} +(.*)$/.exec(line);
    if (item) {
      end();
      const tag = item[1] ? 'UL' : 'OL';
      if (list?.tagName !== tag) blocks.push((list = el(tag.toLowerCase())));
      list.append(el('li', {}, ...inline(el, item[2])));
      continue;
    }
    list = null;
    if (heading || !line.trim()) end();
    if (heading) blocks.push(el('p', {}, el('strong', {}, ...inline(el, heading[1]))));
    else if (line.trim()) said.push(line);
  }
  end();
  return blocks;
}

/** @param {Make} el @param {string} text @param {number} [depth] @returns {(Node|string)[]} */
function inline(el, text, depth = 0) {
  const parts = [];
  let done = 0;
  for (const found of depth < 3 ? text.matchAll(INLINE) : []) {
    parts.push(text.slice(done, found.index));
    done = found.index + found[0].length;
    parts.push(drawn(el, found, depth + 1));
  }
  parts.push(text.slice(done));
  return parts.filter((part) => part !== '');
}

/** @param {Make} el @param {string[]} found @param {number} depth */
function drawn(el, [all, sign, code, strong, emphasis, words, address, end], depth) {
  if (sign) return sign;
  if (code) return el('code', { text: code });
  if (strong) return el('strong', {}, ...inline(el, strong, depth));
  if (emphasis) return el('em', {}, ...inline(el, emphasis, depth));
  if (end) return el('br');
  const href = linkTo(address);
  if (!href) return all;
  return el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...inline(el, words, depth));
}
