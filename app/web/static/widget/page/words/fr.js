/** The words of `words.js` in French. */

export default {
  more: 'Ouvrir', onMap: 'Voir sur la carte', send: 'Envoyer', optional: 'facultatif', sent: 'Envoyé. Merci.', over: 'Ce formulaire a expiré.',
  formAgree: 'Mes réponses peuvent être transmises à {site}', formConsent: 'Veuillez d’abord cocher la case.', formWrong: 'Veuillez vérifier les champs signalés.',
  wants: 'Une question avant d’agir', mayCall: 'Puis-je le faire pour vous sur cette page ?', yes: 'Oui', no: 'Non, merci',
  working: 'Un instant…', done: 'C’est fait.', failed: 'Cela n’a pas fonctionné.', tooLate: 'Cela a pris trop de temps.',
  why: 'Que pourrait-on améliorer ? (facultatif)', thanks: 'Merci.', person: 'Parler à une personne', reach: 'Comment vous joindre ? (e-mail ou téléphone)',
  along: 'Joindre ce que nous avons dit ici', callPerson: 'Demander une personne', personComes: 'Transmis. Quelqu’un vous contactera.',
  takeAlong: 'Emporter la conversation', you: 'Vous', consent: 'Avant de commencer', agree: 'J’accepte',
  terms: 'Ce que vous écrivez ici est envoyé au serveur de la présentatrice. Êtes-vous d’accord ?', unread: '{n} non lus',
};
