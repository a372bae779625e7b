/** The words of `words.js` in German. */

export default {
  more: 'Öffnen', onMap: 'Auf der Karte zeigen', send: 'Senden', optional: 'freiwillig', sent: 'Gesendet. Vielen Dank.', over: 'Dieses Formular ist abgelaufen.',
  formAgree: 'Meine Angaben dürfen an {site} gehen', formConsent: 'Bitte erst das Kästchen ankreuzen.', formWrong: 'Bitte die markierten Felder ansehen.',
  wants: 'Eine Frage, bevor etwas geschieht', mayCall: 'Darf ich das auf dieser Seite für Sie tun?', yes: 'Ja', no: 'Nein, danke',
  working: 'Einen Moment…', done: 'Erledigt.', failed: 'Das hat nicht geklappt.', tooLate: 'Das hat zu lange gedauert.',
  why: 'Was könnte besser sein? (freiwillig)', thanks: 'Vielen Dank.', person: 'Mit einem Menschen sprechen', reach: 'Wie erreichen wir Sie? (E-Mail oder Telefon)',
  along: 'Mitschicken, was hier gesagt wurde', callPerson: 'Um einen Menschen bitten', personComes: 'Weitergegeben. Es meldet sich jemand.',
  takeAlong: 'Gespräch mitnehmen', you: 'Sie', consent: 'Bevor wir beginnen', agree: 'Einverstanden',
  terms: 'Was Sie hier schreiben, geht an den Server der Präsentatorin. Sind Sie einverstanden?', unread: '{n} ungelesen',
};
