/**
 * The widget's own words. `{name}` is the presenter's name; pages may replace any of them through `element.texts`. English is
 * always there; another language is loaded when it is wanted.
 */

/** @typedef {keyof typeof en} StringKey */

export const en = {
  launch: 'Ask {name}', someone: 'us', dialog: 'Conversation with {name}', stage: 'Video of {name}', log: 'Conversation',
  close: 'Close', send: 'Send', placeholder: 'Ask a question', suggestions: 'Suggested questions',
  mute: 'Mute', unmute: 'Turn sound on', captions: 'Captions', pause: 'Pause video', play: 'Play video', stop: 'Stop', language: 'Language',
  replay: 'Watch again', up: 'Helpful', down: 'Not helpful', newTab: 'opens in a new tab',
  connecting: 'Connecting', listening: 'Listening', thinking: 'Thinking', speaking: 'Speaking', offline: 'Offline',
  disclosure: '{name} is AI-generated', filming: 'Filming this answer', fresh: 'Filmed for you just now',
  unsent: 'Not sent', stopped: 'Stopped', wordsOnly: 'The video cannot be played here. The answer is in the text.',
  noAnswer: 'That could not be answered just now. Please try again.', problem: 'Something went wrong. Please try again.',
  lost: 'Connection lost. Trying again.', reach: 'You also reach us here: {contact}', retry: 'Try now', busy: 'One moment, many people are asking.',
  denied: 'This page may not use this presenter.', outdated: 'This page is out of date.', reload: 'Reload',
  elsewhere: 'The conversation went on in another tab.', useHere: 'Use it here',
  ended: 'The conversation has ended.', restart: 'Start again', ending: 'The conversation will end soon.',
  voice: 'Ask aloud', voiceStop: 'Done speaking', voiceOn: 'Listening to you…', voiceAgree: 'Go on', notNow: 'Not now',
  voiceWhy: 'Your browser will ask for the microphone. It turns what you say into text, perhaps with its maker’s service; this page keeps no sound.',
  voiceBlocked: 'The microphone is blocked. Allow it for this page in the browser’s settings, or type.',
  voiceUnheard: 'That was not understood. Please try again, or type.',
};

const OTHERS = new Set(['de', 'es', 'fr', 'zh']);

/**
 * The words for a BCP 47 tag, English where there are none or they cannot be loaded.
 *
 * @param {string} locale
 * @returns {Promise<Record<StringKey, string>>}
 */
export async function stringsFor(locale) {
  const language = locale.toLowerCase().split('-')[0];
  if (!OTHERS.has(language)) return en;
  return import(`./strings/${language}.js`).then((words) => ({ ...en, ...words.default }), () => en);
}
