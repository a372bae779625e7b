/** What a visitor gives to people: why an answer was good or not, the wish for a person, the talk to take along. */

const MOST_CHARS = 4000;
const MOST_LINES = 60;

/** @param {import('./page.js').Page} page @param {string} turn @param {'up'|'down'} score */
export function askWhy(page, turn, score) {
  const { el, button } = page.dom;
  const box = field(page, 'comment', 'why');
  const send = () => {
    const comment = box.input.value.trim();
    if (comment) page.talk?.wire.send('feedback', { turn, score, comment });
    box.node.replaceChildren(el('p', { class: 'note', role: 'status', text: page.t('thanks') }));
    if (comment) page.emit('comment', { turn, score, comment });
  };
  box.input.addEventListener('keydown', (event) => event.key === 'Enter' && !page.dom.isComposing(event) && send());
  box.node.append(el('div', { class: 'row' }, button({ part: 'comment-send', text: page.t('send'), press: send })));
  page.show(box.node, 'comment');
}

/** @param {import('./page.js').Page} page @param {string|null} turn */
export function offerPerson(page, turn) {
  const { el, button } = page.dom;
  const box = field(page, 'person', 'reach');
  const along = el('input', { type: 'checkbox', id: 'along' });
  const told = el('p', { class: 'told', role: 'alert' });
  const send = button({ part: 'person-send', text: page.t('callPerson'), press: () => submit() });
  const submit = () => {
    send.disabled = true;
    const reach = page.dom.cut(box.input.value.trim(), 200);
    const transcript = along.checked ? lastLines(page.lines()) : [];
    page.request('handover.request', { ...(turn && { turn }), reach, transcript }, {
      accepted: () => {
        box.node.replaceChildren(el('p', { class: 'note', role: 'status', text: page.t('personComes') }));
        page.emit('person', { turn, reach, transcript });
      },
      refused: () => {
        send.disabled = false;
        told.textContent = page.t('failed');
      },
    });
  };
  box.node.prepend(el('strong', { class: 'title', text: page.t('person') }));
  box.node.append(el('div', { class: 'field yes' }, along, el('label', { for: 'along', text: page.t('along') })), told, el('div', { class: 'row' }, send));
  page.show(box.node, 'person');
}

function field(page, name, key) {
  const { el } = page.dom;
  const input = el('input', { type: 'text', id: name, part: 'field', maxlength: '1000', dir: 'auto', autocomplete: 'off' });
  const node = el('div', { class: 'card rich', part: 'card', role: 'group', 'aria-label': page.t(key) });
  node.append(el('div', { class: 'field' }, el('label', { for: name, text: page.t(key) }), input));
  return { node, input };
}

/** The end of a talk, as much of it as may be handed over. @param {{who: string, text: string}[]} lines */
export function lastLines(lines) {
  const kept = [];
  let left = MOST_CHARS;
  for (const { who, text } of lines.slice(-MOST_LINES).reverse()) {
    if (!text) continue; // what is still being answered, or was said by a clip alone
    if (text.length > left) break;
    kept.unshift({ who, text });
    left -= text.length;
  }
  return kept;
}

/** @param {import('./page.js').Page} page */
export function takeAlong(page) {
  const names = { visitor: page.t('you'), avatar: page.name };
  const text = page.lines().map(({ who, text }) => `${names[who]}: ${text}\n`).join('\n');
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = page.dom.el('a', { href, download: `${page.name}.txt` });
  page.body.v.root.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  page.emit('take-along');
}
