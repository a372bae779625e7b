/**
 * The widget's looks. Pages change them by the custom properties read here (`--greenroom-…`) and by `::part()`; no other
 * rule of theirs gets in, because all is reset in `.root`, which only this sheet reaches.
 */

/** Light and dark are written out: browsers of before 2024 know no `light-dark()`. */
const LIGHT = `--accent: var(--greenroom-accent, #17624f); --on-accent: var(--greenroom-on-accent, #fff); --surface: var(--greenroom-surface, #fff);
  --text: var(--greenroom-text, #1c211f); --soft: var(--greenroom-soft, #f1f4f2); --muted: var(--greenroom-muted, #59635f);
  --line: var(--greenroom-line, #dde4e0); --stage: var(--greenroom-stage, #cfdbd8);`;
const DARK = `--accent: var(--greenroom-accent, #6fd3b6); --on-accent: var(--greenroom-on-accent, #05241c); --surface: var(--greenroom-surface, #171c1a);
  --text: var(--greenroom-text, #eef3f0); --soft: var(--greenroom-soft, #242b28); --muted: var(--greenroom-muted, #a5b1ac);
  --line: var(--greenroom-line, #36403c); --stage: var(--greenroom-stage, #2b3532);`;

export const CSS = `
:host { display: block; }
:host([hidden]), [hidden] { display: none !important; }
:host(:not([mode=inline])) { position: fixed !important; inset: auto 0 0 auto !important; width: 0 !important; height: 0 !important; min-width: 0 !important;
  min-height: 0 !important; margin: 0 !important; padding: 0 !important; border: 0 !important; z-index: var(--greenroom-z, 2147483000) !important; }
.root { all: initial; visibility: inherit; display: block; color-scheme: light dark; color: var(--text); text-align: start; -webkit-text-size-adjust: 100%;
  font: 16px/1.5 var(--greenroom-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
  --radius: var(--greenroom-radius, 22px); --scale: 1; --high: 100vh; --low: 100vh;
  ${LIGHT} }
@media (prefers-color-scheme: dark) { .root { ${DARK} } }
:host([theme=dark]) .root { color-scheme: dark; ${DARK} }
:host([theme=light]) .root { color-scheme: light; ${LIGHT} }
@supports (height: 100dvh) { .root { --high: 100dvh; --low: 100svh; } }
@supports (zoom: 2) { .root { --scale: var(--greenroom-scale, 1); } }
:host(:not([mode=inline])) .root { --x: var(--greenroom-offset-x, 20px); --y: var(--greenroom-offset-y, 20px); position: fixed;
  inset-block: auto var(--y); inset-inline: auto var(--x); }
:host([position^=top]:not([mode=inline])) .root { inset-block: var(--y) auto; }
:host([position$=start]:not([mode=inline])) .root { inset-inline: var(--x) auto; }
.frame, .launcher { zoom: var(--scale); }
*, *::before, *::after { box-sizing: border-box; margin: 0; }

button, textarea { font: inherit; color: inherit; }
button { display: inline-flex; align-items: center; justify-content: center; gap: 8px; border: 0; background: none; padding: 0;
  cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
svg { width: 20px; height: 20px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.stage :focus-visible { outline-color: #fff; box-shadow: 0 0 0 6px #0009; }

.launcher { min-height: 56px; padding: 0 22px 0 18px; border-radius: 999px; background: var(--accent); color: var(--on-accent);
  font-weight: 600; box-shadow: 0 10px 30px #0003, 0 2px 6px #0002; transition: translate .16s; }
.launcher:hover { translate: 0 -2px; }

.frame { container: greenroom / inline-size; }
:host(:not([mode=inline])) .frame { width: min(var(--greenroom-width, 400px), (100vw - 2 * var(--x)) / var(--scale)); }
.panel { position: relative; display: grid; grid-template: minmax(0, 47fr) minmax(0, 53fr) / minmax(0, 1fr); overflow: hidden;
  height: min(var(--greenroom-height, 760px), (var(--high) - 2 * var(--y, 20px)) / var(--scale)); background: var(--surface); border-radius: var(--radius);
  box-shadow: 0 0 0 1px #0000000f, 0 2px 6px #0000000d, 0 24px 60px -12px #0000003d; }
:host([mode=inline]) .panel { height: calc(var(--greenroom-height, min(820px, var(--low) - 24px)) / var(--scale)); min-height: min(480px, var(--low) / var(--scale)); }

.stage { position: relative; isolation: isolate; overflow: hidden; background: var(--stage); color: #fff; }
.video { position: absolute; inset: 0; isolation: isolate; }
.layer { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; object-position: 50% 30%; background: var(--stage); }
.top, .bottom { position: absolute; inset-inline: 0; padding: 12px; }
.top { top: 0; display: flex; align-items: flex-start; gap: 8px; }
.state, .sound, .close { min-height: 36px; border-radius: 999px; background: #0f1513b8; backdrop-filter: blur(8px); font-size: 14px; line-height: 1.2; }
.state { display: inline-flex; align-items: center; gap: 8px; padding: 0 14px 0 12px; margin-inline-end: auto; }
.state::before { content: ""; width: 9px; height: 9px; border-radius: 50%; background: #9fb0aa; }
:host([state=listening]) .state::before { background: #7ee0bf; }
:host([state=thinking]) .state::before { background: #ffd479; animation: breathe 1.2s infinite; }
:host([state=speaking]) .state::before { background: #7ee0bf; animation: breathe .7s infinite; }
.sound { white-space: nowrap; padding: 0 16px 0 12px; background: #fff; color: #14201c; font-weight: 600; box-shadow: 0 4px 16px #0003; backdrop-filter: none; }
.close { width: 36px; }
:host([mode=inline]) .close { display: none; }

.bottom { bottom: 0; padding-top: 72px; pointer-events: none; background: linear-gradient(#0000, #0a100e40 50%, #0a100eb0); }
.cue { min-height: 1.4em; margin: 0 auto 10px; max-width: 34em; text-align: center; text-wrap: balance; white-space: pre-line; font-size: 17px; line-height: 1.55; }
.cue:empty { visibility: hidden; }
.cue span { padding: 3px 9px; border-radius: 7px; background: #0a100ed1; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.bar { display: flex; align-items: center; gap: 10px; }
.disclosure { flex: 1; min-width: 0; font-size: 13px; line-height: 1.35; text-shadow: 0 1px 2px #000c; }
.controls { display: flex; gap: 6px; pointer-events: auto; }
.controls button { width: 40px; height: 40px; border-radius: 50%; background: #0f1513b8; }
.controls button:hover, .close:hover { background: #0f1513; }
.stop svg { fill: currentColor; }
.language { position: relative; display: inline-flex; align-items: center; justify-content: center; width: 40px; height: 40px; border-radius: 50%; background: #0f1513b8; font-size: 14px; font-weight: 600; text-transform: uppercase; }
.language:hover { background: #0f1513; }
.language:focus-within { outline: 3px solid #fff; outline-offset: 2px; box-shadow: 0 0 0 6px #0009; }
.tongues { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: pointer; font: inherit; font-size: 16px; }
.tongues option { color: #14201c; background: #fff; text-transform: none; }
.controls [aria-pressed=false] { color: #c3cdc9; }
.controls .captions-button[aria-pressed=true] { background: #fff; color: #14201c; }

.talk { display: flex; flex-direction: column; min-height: 0; }
.log { background: var(--surface); flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 18px 18px 8px; display: flex; flex-direction: column; gap: 14px; mask-image: linear-gradient(#0000, #000 16px); }
.log > :first-child { margin-top: auto; }
.log:focus-visible { outline-offset: -4px; }
.turn { max-width: 88%; align-self: flex-start; display: grid; justify-items: start; gap: 6px; animation: rise .24s; }
.turn.visitor { align-self: flex-end; justify-items: end; }
.said { padding: 10px 15px; border-radius: 18px 18px 18px 5px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
.said { transition: background .3s; }
.visitor .said { border-radius: 18px 18px 5px 18px; background: var(--accent); color: var(--on-accent); }
.now .said { outline: 1px solid var(--accent); }
@supports (color: color-mix(in srgb, red, red)) { .now .said { outline: 0; background: color-mix(in srgb, var(--accent) 15%, var(--surface)); } }
.pending { color: var(--muted); display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; }
.dots { display: inline-flex; gap: 4px; padding: 8px 0; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: currentColor; animation: breathe 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .18s; }
.dots i:nth-child(3) { animation-delay: .36s; }
.card { display: grid; grid-template-columns: 1fr auto; gap: 2px 12px; align-items: center; padding: 12px 15px; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); color: inherit; text-decoration: none; font-size: 15px; }
.card strong { font-weight: 600; }
.card span { grid-column: 1; color: var(--muted); white-space: pre-line; overflow-wrap: anywhere; }
.card svg { grid-area: 1 / 2 / span 2; width: 18px; color: var(--accent); }
a.card:hover { border-color: var(--accent); }
a.card[href^='tel:'] { border: 2px solid #c3271b; font-size: 18px; }
.foot { display: flex; align-items: center; flex-wrap: wrap; gap: 2px; color: var(--muted); }
.foot button { width: 32px; height: 32px; border-radius: 50%; }
.foot svg { width: 17px; height: 17px; }
.foot button:hover { background: var(--soft); color: var(--text); }
.foot [aria-pressed=true] { color: var(--accent); }
.foot [aria-pressed=true] svg { fill: currentColor; fill-opacity: .22; }
.note { font-size: 13px; color: var(--muted); margin-inline: 4px 6px; }
.filming::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-inline-end: 8px; border-radius: 50%; background: #d0453a; animation: breathe 1.2s infinite; }

.notice { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 10px; margin: 4px 14px 8px; padding: 8px 8px 8px 14px; border-radius: 14px; background: var(--soft); font-size: 14px; line-height: 1.4; }
.notice span:first-child { flex: 1 1 180px; }
.notice:has(button + button) { padding: 12px 14px; }
.notice:has(button + button) span:first-child { flex-basis: 100%; }
.notice button { flex: none; min-height: 36px; padding: 0 14px; border-radius: 999px; background: var(--surface); border: 1px solid var(--line); font-weight: 600; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; padding: 8px 16px 4px; }
.chips:empty { display: none; }
.chip { min-height: 38px; padding: 6px 15px; border: 1px solid var(--line); border-radius: 999px; background: var(--surface); font-size: 15px; line-height: 1.3; text-align: start; }
.chip:hover { border-color: var(--accent); color: var(--accent); }
.composer { display: flex; align-items: flex-end; gap: 8px; padding: 10px 14px max(14px, env(safe-area-inset-bottom)); }
.input { flex: 1; min-width: 0; resize: none; field-sizing: content; min-height: 48px; max-height: 132px; padding: 11px 18px; border: 1px solid var(--muted); border-radius: 24px; background: transparent; line-height: 24px; }
.input::placeholder { color: var(--muted); opacity: 1; }
.input:focus-visible { outline-offset: 0; border-color: var(--accent); outline-width: 2px; }
.send { flex: none; width: 48px; height: 48px; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.send:hover { filter: brightness(1.08); }
.voice { flex: none; width: 48px; height: 48px; border-radius: 50%; touch-action: none; -webkit-user-select: none; user-select: none; -webkit-touch-callout: none; }
.voice:hover { background: var(--soft); }
.voice[aria-pressed=true] { background: #b3261e; color: #fff; animation: pulse 1.4s infinite; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@container greenroom (width < 480px) {
  .chips { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  .chip { flex: none; white-space: nowrap; }
  .log { padding-inline: 14px; }
  .cue { font-size: 16px; }
}
@container greenroom (width < 360px) {
  .top, .bottom { padding-inline: 8px; }
  .controls { gap: 3px; }
  .controls button, .language { width: 36px; height: 36px; }
  .disclosure { font-size: 12px; }
  .state, .sound { font-size: 13px; padding-inline: 10px 12px; gap: 6px; }
  .cue { font-size: 13px; line-height: 1.45; margin-bottom: 4px; white-space: normal; }
}
@media (min-aspect-ratio: 4/5) { @container greenroom (width >= 760px) {
  .panel { display: flex; }
  .stage { flex: none; height: 100%; aspect-ratio: 1; max-width: 58%; }
  .talk { flex: 1; min-width: 0; }
  .top, .bottom { padding: 18px; }
  .cue { font-size: 19px; margin-bottom: 14px; }
  .log { padding: 26px 24px 10px; }
  .chips { padding: 8px 22px 4px; }
  .composer { padding: 12px 20px 20px; }
} }
@media (max-width: 480px) {
  @supports (zoom: 2) { .root { --scale: min(var(--greenroom-scale, 1), 1.25); } }
  :host(:not([mode=inline])) .root { --x: var(--greenroom-offset-x, 14px); --y: var(--greenroom-offset-y, 14px); }
  :host(:not([mode=inline])) .panel { position: fixed; inset: 0; width: 100%; height: calc(var(--high) / var(--scale)); border-radius: 0; }
}
@media (max-height: 480px) {
  :host(:not([mode=inline])) .panel { position: fixed; inset: 0; width: 100%; height: calc(var(--high) / var(--scale)); border-radius: 0;
    grid-template: minmax(0, 1fr) / minmax(0, 42fr) minmax(0, 58fr); }
  @container greenroom (width < 480px) {
    :host .panel { grid-template-columns: minmax(0, 36fr) minmax(0, 64fr) !important; }
    .bar { flex-wrap: wrap; gap: 4px; }
    .disclosure { flex-basis: 100%; }
    .composer { gap: 2px; padding: 4px 6px 6px; }
    .send, .voice { width: 40px; height: 40px; }
    .input { padding: 7px 12px; min-height: 40px; }
    .log { padding: 12px 10px 4px; }
    .sound { white-space: normal; padding: 4px 10px; }
  }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .said, .chip, .launcher, .send, .voice, .panel, .controls button { border: 1px solid; }
}
@keyframes pulse { 50% { box-shadow: 0 0 0 7px #b3261e59; } }
@keyframes breathe { 50% { opacity: .3; } }
@keyframes rise { from { opacity: 0; translate: 0 6px; } }
`;
