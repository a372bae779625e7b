/** The widget's own words in German. */
export default {
  launch: '{name} fragen', someone: 'Uns', dialog: 'Gespräch mit {name}', stage: 'Video von {name}', log: 'Gespräch',
  close: 'Schließen', send: 'Senden', placeholder: 'Frage stellen', suggestions: 'Vorgeschlagene Fragen',
  mute: 'Ton aus', unmute: 'Ton einschalten', captions: 'Untertitel', pause: 'Video anhalten', play: 'Video abspielen',
  stop: 'Stopp', replay: 'Noch einmal ansehen', up: 'Hilfreich', down: 'Nicht hilfreich',
  newTab: 'öffnet einen neuen Tab', connecting: 'Verbinde', listening: 'Hört zu', thinking: 'Denkt nach',
  speaking: 'Spricht', offline: 'Getrennt', disclosure: '{name} ist KI-generiert',
  filming: 'Diese Antwort wird gerade gefilmt', fresh: 'Eben für Sie gefilmt', unsent: 'Nicht gesendet',
  stopped: 'Angehalten', wordsOnly: 'Das Video lässt sich hier nicht abspielen. Die Antwort steht im Text.',
  noAnswer: 'Das ließ sich gerade nicht beantworten. Bitte noch einmal versuchen.',
  problem: 'Etwas ist schiefgegangen. Bitte noch einmal versuchen.',
  lost: 'Verbindung verloren. Neuer Versuch läuft.', retry: 'Jetzt versuchen',
  busy: 'Einen Moment, viele Menschen fragen gerade.', denied: 'Diese Seite darf diese Figur nicht verwenden.',
  outdated: 'Diese Seite ist veraltet.', reload: 'Neu laden',
  elsewhere: 'Das Gespräch läuft in einem anderen Tab weiter.', useHere: 'Hier fortsetzen',
  ended: 'Das Gespräch ist beendet.', restart: 'Neu beginnen', ending: 'Das Gespräch endet bald.',
};
