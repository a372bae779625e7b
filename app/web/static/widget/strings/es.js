/** The widget's own words in Spanish. */
export default {
  launch: 'Pregunta a {name}', someone: 'nuestro equipo', dialog: 'Conversación con {name}', stage: 'Vídeo de {name}',
  log: 'Conversación', close: 'Cerrar', send: 'Enviar', placeholder: 'Haz una pregunta',
  suggestions: 'Preguntas sugeridas', mute: 'Silenciar', unmute: 'Activar el sonido', captions: 'Subtítulos',
  pause: 'Pausar el vídeo', play: 'Reproducir el vídeo', stop: 'Detener', replay: 'Ver otra vez', up: 'Útil',
  down: 'No es útil', newTab: 'se abre en otra pestaña', connecting: 'Conectando', listening: 'Escucha',
  thinking: 'Piensa', speaking: 'Habla', offline: 'Sin conexión', disclosure: '{name} está generada por IA',
  filming: 'Grabando esta respuesta', fresh: 'Grabado para ti ahora mismo', unsent: 'No enviado', stopped: 'Detenido',
  wordsOnly: 'El vídeo no se puede reproducir aquí. La respuesta está en el texto.',
  noAnswer: 'Ahora no se ha podido responder. Inténtalo de nuevo.', problem: 'Algo ha fallado. Inténtalo de nuevo.',
  lost: 'Se perdió la conexión. Reintentando.', retry: 'Probar ahora', busy: 'Un momento, hay muchas preguntas.',
  denied: 'Esta página no puede usar este presentador.', outdated: 'Esta página está desactualizada.',
  reload: 'Recargar', elsewhere: 'La conversación sigue en otra pestaña.', useHere: 'Usar aquí',
  ended: 'La conversación ha terminado.', restart: 'Empezar de nuevo', ending: 'La conversación terminará pronto.',
};
