// Keys: `/` to the search, `j` and `k` through rows, `g` and a letter to a page, `?` for the list of them.

const WAIT_MS = 2500;

export function keys() {
  let leading = 0;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const after = Date.now() - leading < WAIT_MS;
    leading = event.key === 'g' ? Date.now() : 0;
    if (act(event.key, after)) event.preventDefault();
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

/**
 * @param {string} key
 * @param {boolean} after whether `g` came right before
 */
function act(key, after) {
  if (after) return open(`nav [data-key="${CSS.escape(key)}"]`);
  if (key === '/') return focus('[data-search]');
  if (key === '?') return list();
  if (key === 'j' || key === 'k') return step(key === 'j' ? 1 : -1);
  return false;
}

/** @param {string} selector */
function open(selector) {
  const link = document.querySelector(selector);
  if (!(link instanceof HTMLElement)) return false;
  link.click();
  return true;
}

/** @param {string} selector */
function focus(selector) {
  const field = document.querySelector(selector);
  if (!(field instanceof HTMLInputElement)) return false;
  field.focus();
  field.select();
  return true;
}

function list() {
  const dialog = document.getElementById('keys');
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return false;
  dialog.showModal();
  return true;
}

/** @param {number} by */
function step(by) {
  const links = [...document.querySelectorAll('[data-row] a')].filter((link, at, all) => {
    const row = link.closest('[data-row]');
    return all.findIndex((other) => other.closest('[data-row]') === row) === at;
  });
  const here = links.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement));
  const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
  if (!(next instanceof HTMLElement)) return false;
  next.focus();
  next.scrollIntoView({block: 'nearest'});
  return true;
}
