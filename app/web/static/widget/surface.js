/** Where the widget is drawn: its style sheet, in whichever document it is, and the layer above the page. */

import { el } from './dom.js';
import { CSS } from './styles.js';

/** Constructed sheets by document; they cannot be shared between two. @type {WeakMap<Document, CSSStyleSheet>} */
const sheets = new WeakMap();

/**
 * Gives a shadow root its looks. A constructed sheet is no concern of the page's `style-src`; browsers without one (Safari
 * before 16.4) get a `<style>`, which such a policy must allow.
 *
 * @param {ShadowRoot} root in the document that it is to be drawn in
 */
export function dress(root) {
  const owner = root.ownerDocument;
  try {
    let sheet = sheets.get(owner);
    if (!sheet) {
      sheet = new (/** @type {any} */ (owner.defaultView).CSSStyleSheet)();
      /** @type {CSSStyleSheet} */ (sheet).replaceSync(CSS);
      sheets.set(owner, /** @type {CSSStyleSheet} */ (sheet));
    }
    root.adoptedStyleSheets = [/** @type {CSSStyleSheet} */ (sheet)];
    if (root.adoptedStyleSheets.length) return;
  } catch {
    // Not constructed, or not taken.
  }
  if (!root.querySelector('style')) root.prepend(el('style', { text: CSS }));
}

/**
 * Lifts the floating widget into the browser's top layer, which no transform, overflow or z-index of the page reaches.
 * A page that sets `--greenroom-z` wants it among its own layers; browsers without popovers know no other.
 *
 * @param {HTMLElement} box
 * @param {boolean} isFloating
 */
export function lift(box, isFloating) {
  const host = /** @type {ShadowRoot} */ (box.getRootNode()).host;
  const isLayered = getComputedStyle(host).getPropertyValue('--greenroom-z').trim() !== '';
  if (!isFloating || isLayered || !box.showPopover) return box.removeAttribute('popover');
  box.setAttribute('popover', 'manual');
  if (box.matches(':popover-open')) return;
  try {
    // What WebKit has laid out in the page already stays where a transform had put it.
    box.style.display = 'none';
    box.getBoundingClientRect();
    box.showPopover();
  } catch {
    // The document is not shown at present: it stays where its style puts it.
  }
  box.style.display = '';
}
