/** The snippet builder: what is chosen shows in the preview at once, and in the lines to copy. */

const chat = /** @type {any} */ (document.querySelector('greenroom-chat'));
const form = /** @type {HTMLFormElement} */ (document.querySelector('#options'));
const code = /** @type {HTMLElement} */ (document.querySelector('#code'));
const copy = /** @type {HTMLElement} */ (document.querySelector('#copy'));
const hint = /** @type {HTMLElement} */ (document.querySelector('.hint'));
const toast = /** @type {HTMLElement} */ (document.querySelector('#toast'));
const base = new URL('./', location.href).href;
let hide;

/** @typedef {Record<string, string|boolean>} Choices attributes by name, and custom properties by theirs; empty where nothing is to be said */

/** @returns {Choices} */
function chosen() {
  const choices = {};
  for (const field of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll('[name]'))) {
    const use = /** @type {HTMLInputElement|null} */ (form.querySelector(`[data-uses="${field.name}"]`));
    const isUsed = (!use || use.checked) && !field.closest('[hidden]');
    if (use) field.disabled = !use.checked;
    const box = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (field));
    const value = box.type === 'checkbox' ? box.checked : field.value.trim();
    choices[field.name] = isUsed ? value : '';
  }
  return choices;
}

/** @param {Choices} choices */
function preview(choices) {
  for (const [name, value] of Object.entries(choices)) {
    if (name.startsWith('--')) chat.style.setProperty(name, value || null);
    else if (name !== 'file') write(name, value);
  }
  hint.hidden = choices.mode === 'inline';
}

/** @param {string} name @param {string|boolean} value of an attribute of the preview; one that stays is not written again */
function write(name, value) {
  const text = value === true ? '' : String(value || '');
  if (!value) chat.removeAttribute(name);
  else if (chat.getAttribute(name) !== text) chat.setAttribute(name, text);
}

/** @param {string} text @returns {string} text inside the quotes of an attribute */
function quoted(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** @param {Choices} choices @returns {string} what the page's author copies */
function snippet(choices) {
  const { file, integrity } = /** @type {Record<string, string>} */ (code.dataset);
  const pinned = choices.file === 'version';
  const script = pinned ? `${base}${file}" integrity="${integrity}" crossorigin="anonymous` : `${base}widget.js`;
  const said = Object.entries(choices).filter(([name, value]) => value && name !== 'file' && !name.startsWith('--'));
  const attributes = said.map(([name, value]) => (value === true ? name : `${name}="${quoted(String(value))}"`));
  const looks = Object.entries(choices).filter(([name, value]) => value && name.startsWith('--'));
  const style = looks.map(([name, value]) => `${name}: ${value};`).join(' ');
  return [
    `<script type="module" src="${script}"></script>`,
    ...(style ? [`<style>greenroom-chat { ${style} }</style>`] : []),
    `<${['greenroom-chat', ...attributes].join(' ')}></greenroom-chat>`,
  ].join('\n');
}

function draw() {
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-floating]'))) {
    label.hidden = form.elements.namedItem('mode')?.['value'] === 'inline';
  }
  const choices = chosen();
  preview(choices);
  code.textContent = snippet(choices);
}

/** @param {string} text */
function tell(text) {
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(hide);
  hide = setTimeout(() => toast.classList.remove('shown'), 4000);
}

copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    tell('Copied.');
  } catch {
    // Without https there is no clipboard: what is to be copied is marked at least.
    getSelection()?.selectAllChildren(code);
    tell('Marked: copy it with the keyboard.');
  }
});

// A card of the sample site leads to a page of that site, which is not here.
chat.addEventListener('greenroom:link', (event) => {
  const url = new URL(event.detail.url);
  if (url.origin !== location.origin) return;
  event.preventDefault();
  tell(`On the real site this opens ${url.pathname}`);
});

form.addEventListener('input', draw);
form.addEventListener('submit', (event) => event.preventDefault());
draw();

export {};
