/** Words of what few pages use. A page may replace any of them by `texts`, as the others. */

export const en = {
  more: 'Open', onMap: 'Show on a map', send: 'Send', optional: 'optional', sent: 'Sent. Thank you.', over: 'This form has expired.',
  formAgree: 'My answers may go to {site}', formConsent: 'Please tick the box first.', formWrong: 'Please look at the marked fields.',
  wants: 'A question before something is done', mayCall: 'May I do this for you on this page?', yes: 'Yes', no: 'No, thank you',
  working: 'One moment…', done: 'Done.', failed: 'That did not work.', tooLate: 'That took too long.',
  why: 'What could be better? (optional)', thanks: 'Thank you.', person: 'Talk to a person', reach: 'How can we reach you? (e-mail or telephone)',
  along: 'Send along what we said here', callPerson: 'Ask for a person', personComes: 'Passed on. Somebody will get in touch.',
  takeAlong: 'Take the conversation along', you: 'You', consent: 'Before we begin', agree: 'I agree',
  terms: 'What you write here is sent to the presenter’s server. Do you agree?', unread: '{n} unread',
};

const OTHERS = new Set(['de', 'es', 'fr', 'zh']);

/** @param {string} locale @returns {Promise<Record<string, string>>} */
export async function wordsFor(locale) {
  const language = locale.toLowerCase().split('-')[0];
  if (!OTHERS.has(language)) return en;
  return import(`./words/${language}.js`).then((words) => ({ ...en, ...words.default }), () => en);
}
