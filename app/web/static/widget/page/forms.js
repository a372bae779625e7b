/** A form of a card: its fields, the visitor's yes, what came of it. It is no `<form>`: sandboxed frames may forbid those. */

const TYPES = { email: 'email', tel: 'tel', number: 'text', date: 'date' };
const COMPLETE = { email: 'email', tel: 'tel', text: 'on' };

let count = 0;

/**
 * @param {import('../wire.js').Card} card
 * @param {import('../transcript.js').Entry} entry
 * @param {import('./page.js').Page} page
 */
export function drawForm(card, entry, page) {
  const { el, button } = page.dom;
  const { t } = page;
  // A reload draws what is kept before the session is there again.
  if (!entry.sent && !page.session) return el('p', { class: 'note' });
  if (entry.sent || entry.session !== page.session) return el('p', { class: 'note', text: t(entry.sent ? 'sent' : 'over') });
  const fields = (card.form ?? []).slice(0, 5).map((field) => drawField(field, page));
  const agree = el('input', { type: 'checkbox', id: `agree-${++count}` });
  const says = el('label', { for: agree.id, text: t('formAgree').replace('{site}', location.host) });
  const told = el('p', { class: 'told', role: 'alert' });
  const send = button({ part: 'form-send', text: card.submit || t('send'), press: () => submit() });
  const box = el('div', { class: 'form', role: 'group', 'aria-label': card.title }, ...fields.map(({ node }) => node));
  box.append(el('div', { class: 'field yes' }, agree, says), told, send);

  const submit = () => {
    const wrong = fields.filter((field) => !field.check());
    const first = wrong[0]?.input ?? (agree.checked ? null : agree);
    agree.setAttribute('aria-invalid', String(!agree.checked));
    told.textContent = wrong.length ? t('formWrong') : agree.checked ? '' : t('formConsent');
    if (first) return first.focus();
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    send.disabled = true;
    page.request('input.form', { turn: entry.turn, values }, {
      accepted: () => {
        entry.sent = true;
        box.replaceWith(el('p', { class: 'note', role: 'status', text: t('sent') }));
        if (entry.session === page.session) page.body.transcript.update(/** @type {string} */ (entry.turn), { sent: true });
        page.emit('form', { turn: entry.turn, intent: entry.intent ?? null, values });
        if (card.function) page.runQuietly(card.function, values);
      },
      refused: (error) => {
        send.disabled = false;
        told.textContent = t(error?.fields?.length ? 'formWrong' : 'failed');
        for (const field of fields) field.mark(error?.fields?.includes(field.name) ?? false);
        fields.find(({ name }) => error?.fields?.includes(name))?.input.focus();
      },
    });
  };
  return box;
}

/** @param {import('../wire.js').Field} field @param {import('./page.js').Page} page */
function drawField({ name, label, kind, required, options = [] }, { dom: { el }, t }) {
  const id = `field-${++count}`;
  const common = { id, name, part: 'field', 'aria-required': String(required) };
  const input =
    kind === 'choice' ? el('select', common, el('option', { value: '', text: '' }), ...options.map((text) => el('option', { value: text, text })))
    : kind === 'long' ? el('textarea', { ...common, rows: '3', maxlength: '1000', dir: 'auto' })
    : kind === 'yes' ? el('input', { ...common, type: 'checkbox' })
    : el('input', { ...common, type: TYPES[kind] ?? 'text', autocomplete: COMPLETE[kind] ?? 'off', maxlength: '1000', dir: 'auto', inputmode: kind === 'number' && 'decimal' });
  const words = el('label', { for: id, dir: 'auto', text: required ? label : `${label} (${t('optional')})` });
  const node = el('div', { class: kind === 'yes' ? 'field yes' : 'field' }, ...(kind === 'yes' ? [input, words] : [words, input]));
  const field = {
    node, name, input,
    get value() {
      return kind === 'yes' ? (input.checked ? 'yes' : 'no') : input.value.trim();
    },
    mark: (isWrong) => input.setAttribute('aria-invalid', String(isWrong)),
    check: () => {
      const isGood = kind === 'yes' ? input.checked || !required : (input.value.trim() !== '' || !required) && input.checkValidity();
      field.mark(!isGood);
      return isGood;
    },
  };
  return field;
}
