// The editor of an intent: what `check` says while one types, the answers as they are spoken, and how they sound.

const QUIET_MS = 600;

export function editors() {
  for (const form of document.querySelectorAll('form[data-check]')) {
    if (form instanceof HTMLFormElement) edit(form);
  }
}

/** @param {HTMLFormElement} form */
function edit(form) {
  let timer = 0;
  let latest = 0;
  let unsaved = false;
  const check = async () => {
    const mine = ++latest;
    const told = await ask(form);
    if (told && mine === latest) show(form, told);
  };
  form.addEventListener('input', () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(check, QUIET_MS);
  });
  form.addEventListener('submit', () => { unsaved = false; });
  addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
  check();
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  try {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
    const answer = await fetch(form.dataset.check ?? '', {method: 'POST', body, headers: {accept: 'application/json'}});
    return answer.ok ? await answer.json() : {findings: [{level: 'error', message: await answer.text(), hint: ''}], spoken: {}};
  } catch {
    return null;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {{findings: {level: string, message: string, hint: string}[], spoken: Record<string, string[]>}} told
 */
function show(form, told) {
  const list = form.querySelector('[data-findings]');
  list?.replaceChildren(...(told.findings.length ? told.findings.map(finding) : [item('Nothing new to complain about.')]));
  for (const box of form.querySelectorAll('[data-spoken]')) {
    const locale = /** @type {HTMLElement} */ (box).dataset.spoken ?? '';
    box.replaceChildren(...(told.spoken[locale] ?? []).map((text) => spoken(form, text, locale)));
  }
}

/** @param {{level: string, message: string, hint: string}} one */
function finding(one) {
  const line = item('');
  const level = document.createElement('span');
  level.className = `pill ${one.level === 'error' ? 'bad' : 'warn'}`;
  level.textContent = one.level;
  const hint = document.createElement('small');
  hint.textContent = one.hint;
  line.append(level, ` ${one.message}`, hint);
  return line;
}

/** @param {string} text */
function item(text) {
  const line = document.createElement('li');
  line.textContent = text;
  return line;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 * @param {string} locale
 */
function spoken(form, text, locale) {
  const line = document.createElement('p');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Hear it';
  button.addEventListener('click', async () => {
    const sound = new Audio(`${form.dataset.say}?${new URLSearchParams({text, locale})}`);
    sound.addEventListener('error', () => { button.textContent = 'The local voice does not speak this'; });
    try { await sound.play(); } catch { /* told above */ }
  });
  const words = document.createElement('span');
  words.textContent = text;
  line.append(button, words);
  return line;
}
