/** The widget's fixed parts, made once; what changes in them is set by the element. */

import { button, el, nameIt, redraw } from './dom.js';

/** @typedef {(key: import('./strings.js').StringKey) => string} Words */

/**
 * @param {Record<'launch'|'close'|'mute'|'captions'|'hold'|'stop', () => void>} act
 * @returns {Record<string, any>} the parts by name
 */
export function makeView(act) {
  const v = {};
  v.launch = button({ part: 'launcher', icon: 'chat', text: ' ', press: act.launch });
  v.video = el('div', { class: 'video' });
  v.cue = el('p', { class: 'cue', part: 'captions', dir: 'auto', 'aria-hidden': 'true' });
  v.state = el('span', { class: 'state', part: 'state' });
  v.sound = button({ part: 'sound', icon: 'mute', text: ' ', press: act.mute });
  v.close = button({ part: 'close', icon: 'close', press: act.close });
  v.disclosure = el('p', { class: 'disclosure', part: 'disclosure', id: 'disclosure', dir: 'auto' });
  v.stop = button({ part: 'stop', icon: 'stop', press: act.stop });
  v.hold = button({ part: 'pause', icon: 'pause', press: act.hold });
  v.captions = button({ part: 'captions-button', icon: 'captions', press: act.captions });
  v.mute = button({ part: 'mute', icon: 'mute', press: act.mute });
  v.log = el('div', { class: 'log', part: 'log', role: 'log', 'aria-live': 'off', tabindex: '0' });
  v.notice = el('div', { class: 'notice', part: 'notice', hidden: true });
  v.chips = el('div', { class: 'chips', part: 'suggestions', role: 'group' });
  v.input = el('textarea', { class: 'input', part: 'input', rows: '1', dir: 'auto', enterkeyhint: 'send', autocomplete: 'off' });
  v.send = el('button', { class: 'send', part: 'button send', type: 'button' });
  v.mic = button({ part: 'voice', icon: 'mic', press: () => {} });
  v.form = el('div', { class: 'composer', part: 'composer' }, v.input, v.mic, v.send);
  v.live = el('div', { class: 'spoken', role: 'status' });
  v.top = el('div', { class: 'top' }, v.state, v.sound, v.close);
  v.controls = el('div', { class: 'controls', part: 'controls' }, v.stop, v.hold, v.captions, v.mute);
  v.bottom = el('div', { class: 'bottom' }, v.cue, el('div', { class: 'bar' }, v.disclosure, v.controls));
  v.stage = el('div', { class: 'stage', part: 'stage', role: 'group' }, v.video, v.top, v.bottom);
  v.talk = el('div', { class: 'talk', part: 'conversation' }, v.log, v.notice, v.chips, v.form);
  v.panel = el('section', { class: 'panel', part: 'panel', 'aria-describedby': 'disclosure' }, v.stage, v.talk, v.live);
  v.frame = el('div', { class: 'frame' }, v.panel);
  v.root = el('div', { class: 'root' }, v.launch, v.frame);
  return v;
}

/**
 * Writes every fixed word of the view.
 *
 * @param {Record<string, any>} v
 * @param {Words} t
 */
export function labelView(v, t) {
  v.launch.lastChild.textContent = t('launch');
  v.sound.lastChild.textContent = t('unmute');
  nameIt(v.close, t('close'));
  nameIt(v.stop, t('stop'));
  nameIt(v.captions, t('captions'));
  nameIt(v.send, t('send'));
  v.panel.setAttribute('aria-label', t('dialog'));
  v.stage.setAttribute('aria-label', t('stage'));
  v.log.setAttribute('aria-label', t('log'));
  v.chips.setAttribute('aria-label', t('suggestions'));
  v.input.setAttribute('aria-label', t('placeholder'));
}

/** @param {Record<string, any>} v @param {boolean} isStill @param {Words} t */
export function drawHold(v, isStill, t) {
  redraw(v.hold, isStill ? 'play' : 'pause');
  nameIt(v.hold, t(isStill ? 'play' : 'pause'));
}

/**
 * A silent presenter offers sound in words, not only by an icon.
 *
 * @param {Record<string, any>} v
 * @param {boolean} isMuted
 * @param {Words} t
 */
export function drawSound(v, isMuted, t) {
  redraw(v.mute, isMuted ? 'mute' : 'sound');
  nameIt(v.mute, t(isMuted ? 'unmute' : 'mute'));
  v.sound.hidden = !isMuted;
  v.mute.hidden = isMuted;
}

/** @param {Record<string, any>} v @param {boolean} isOn */
export function drawCaptions(v, isOn) {
  v.cue.hidden = !isOn;
  v.captions.setAttribute('aria-pressed', String(isOn));
}

/**
 * @param {Record<string, any>} v
 * @param {import('./wire.js').Choice[]} choices
 * @param {(choice: import('./wire.js').Choice) => void} press
 */
export function drawChoices(v, choices, press) {
  const hadFocus = v.chips.contains(v.chips.getRootNode().activeElement);
  const chip = (choice) =>
    el('button', { type: 'button', class: 'chip', part: 'button chip', dir: 'auto', text: choice.title, click: () => press(choice) });
  v.chips.replaceChildren(...choices.map(chip));
  if (hadFocus) v.input.focus({ preventScroll: true });
}

/**
 * @param {Record<string, any>} v
 * @param {string|null} text null takes the notice away
 * @param {...{text: string, press: () => void}} actions what can be done about it
 */
export function drawNotice(v, text, ...actions) {
  v.notice.hidden = !text;
  v.notice.replaceChildren(...(text ? [el('span', { text })] : []));
  v.notice.append(...actions.map((action) => button({ part: 'notice-button', ...action })));
  if (text) v.live.textContent = text;
}

/** What typing sends through the page. A letter typed here is no shortcut of the page's. */
const TYPING = ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'paste', 'copy', 'cut', 'compositionstart', 'compositionupdate', 'compositionend'];

/** Keys that press a button. */
const PRESSES = ['Enter', ' '];

/**
 * Keeps what is typed within the widget from the page around it.
 *
 * @param {Record<string, any>} v
 * @param {(event: KeyboardEvent) => void} press told of each key in the panel
 */
export function keepKeys(v, press) {
  v.panel.addEventListener('keydown', press);
  for (const type of TYPING) {
    v.panel.addEventListener(type, (event) => event.stopPropagation());
    v.launch.addEventListener(type, (event) => PRESSES.includes(event.key) && event.stopPropagation());
  }
}
