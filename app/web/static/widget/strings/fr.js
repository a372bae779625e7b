/** The widget's own words in French. */
export default {
  launch: 'Demander à {name}', someone: 'notre équipe', dialog: 'Conversation avec {name}', stage: 'Vidéo de {name}',
  log: 'Conversation', close: 'Fermer', send: 'Envoyer', placeholder: 'Posez une question',
  suggestions: 'Questions suggérées', mute: 'Couper le son', unmute: 'Activer le son', captions: 'Sous-titres',
  pause: 'Mettre la vidéo en pause', play: 'Lire la vidéo', stop: 'Arrêter', replay: 'Revoir', up: 'Utile',
  down: 'Pas utile', newTab: 'ouvre un nouvel onglet', connecting: 'Connexion', listening: 'Écoute',
  thinking: 'Réfléchit', speaking: 'Parle', offline: 'Hors ligne', disclosure: '{name} est générée par IA',
  filming: 'Cette réponse est en cours de tournage', fresh: 'Filmé pour vous à l’instant', unsent: 'Non envoyé',
  stopped: 'Arrêté', wordsOnly: 'La vidéo ne peut pas être lue ici. La réponse est dans le texte.',
  noAnswer: 'Impossible de répondre pour le moment. Veuillez réessayer.',
  problem: 'Un problème est survenu. Veuillez réessayer.', lost: 'Connexion perdue. Nouvel essai.',
  retry: 'Réessayer', busy: 'Un instant, beaucoup de questions arrivent.',
  denied: 'Cette page ne peut pas utiliser ce présentateur.', outdated: 'Cette page n’est plus à jour.',
  reload: 'Recharger', elsewhere: 'La conversation continue dans un autre onglet.', useHere: 'Continuer ici',
  ended: 'La conversation est terminée.', restart: 'Recommencer', ending: 'La conversation va bientôt se terminer.',
};
