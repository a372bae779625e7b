/** The words of `words.js` in Spanish. */

export default {
  more: 'Abrir', onMap: 'Ver en el mapa', send: 'Enviar', optional: 'opcional', sent: 'Enviado. Gracias.', over: 'Este formulario ha caducado.',
  formAgree: 'Mis respuestas pueden ir a {site}', formConsent: 'Marca antes la casilla, por favor.', formWrong: 'Revisa los campos marcados, por favor.',
  wants: 'Una pregunta antes de hacer algo', mayCall: '¿Puedo hacer esto por ti en esta página?', yes: 'Sí', no: 'No, gracias',
  working: 'Un momento…', done: 'Hecho.', failed: 'No ha funcionado.', tooLate: 'Ha tardado demasiado.',
  why: '¿Qué podría mejorar? (opcional)', thanks: 'Gracias.', person: 'Hablar con una persona', reach: '¿Cómo podemos contactarte? (correo o teléfono)',
  along: 'Enviar también lo que hemos dicho aquí', callPerson: 'Pedir una persona', personComes: 'Enviado. Alguien se pondrá en contacto.',
  takeAlong: 'Llevarse la conversación', you: 'Tú', consent: 'Antes de empezar', agree: 'De acuerdo',
  terms: 'Lo que escribas aquí se envía al servidor de la presentadora. ¿Estás de acuerdo?', unread: '{n} sin leer',
};
