/** Looks of what few pages use, on top of the widget's own. */

export const CSS = `
.card.rich { display: block; min-width: min(240px, 100%); }
.rich > * + * { margin-top: 8px; }
.rich img { display: block; max-width: 100%; max-height: 260px; border-radius: 10px; }
.rich ul, .rich ol { padding-inline-start: 22px; }
.rich .body > * + * { margin-top: 6px; }
.rich a { color: var(--accent); overflow-wrap: anywhere; }
.rich code { font-family: ui-monospace, monospace; font-size: .92em; background: var(--soft); padding: 1px 4px; border-radius: 4px; }
.rich address { font-style: normal; white-space: pre-line; }
.rich .price { color: var(--text); font-weight: 600; }
.card.rich .title { display: block; }
.rich .go, .rich .row button, .form > button { display: inline-flex; align-items: center; min-height: 40px; padding: 4px 16px; border: 1px solid var(--line); border-radius: 999px;
  background: var(--soft); color: var(--text); font-weight: 600; text-decoration: none; }
.row { display: flex; flex-wrap: wrap; gap: 8px; }
.field { display: grid; gap: 4px; margin-bottom: 10px; }
.field.yes { grid-template-columns: 24px 1fr; align-items: start; }
.field input:not([type=checkbox]), .field select, .field textarea { width: 100%; min-height: 40px; padding: 6px 12px; border: 1px solid var(--muted); border-radius: 10px; background: var(--surface); color: var(--text); font: inherit; }
.field input[type=checkbox] { width: 20px; height: 20px; margin-top: 2px; accent-color: var(--accent); }
.field [aria-invalid=true] { border-color: #c3271b; outline: 1px solid #c3271b; }
.told:empty { display: none; }
.told { font-weight: 600; }
.gate { position: absolute; inset: 0; z-index: 9; display: flex; flex-direction: column; justify-content: center; gap: 18px; padding: 24px; overflow: auto; background: var(--surface); color: var(--text); }
.gate .body > * + * { margin-top: 8px; }
.gate a { color: var(--accent); }
.gate button { min-height: 44px; padding: 0 20px; border-radius: 999px; border: 1px solid var(--line); font-weight: 600; }
.gate .consent-yes { background: var(--accent); color: var(--on-accent); }
.teaser { display: flex; align-items: flex-start; gap: 4px; max-width: min(300px, 100vw - 40px); margin-bottom: 10px; padding: 10px 8px 10px 14px; border-radius: 16px; background: var(--surface); color: var(--text); box-shadow: 0 8px 28px #0003; }
.teaser-open { flex: 1; text-align: start; justify-content: flex-start; }
.teaser-close { width: 32px; height: 32px; border-radius: 50%; }
.launcher .face { width: 40px; height: 40px; margin-inline: -8px 2px; border-radius: 50%; object-fit: cover; object-position: 50% 20%; }
.launcher:has(.face) svg { display: none; }
.badge { display: inline-flex; align-items: center; justify-content: center; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 999px; background: #b3261e; color: #fff; font-size: 13px; }
`;
