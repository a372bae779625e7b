/** What is said around the microphone, by language; a page replaces any of it through `texts`, as the widget's other words. */

/** @typedef {keyof typeof WORDS.en} SpeechKey */

const WORDS = {
  en: {
    voiceSite: 'Your browser will ask for the microphone. This site’s own server turns what you say into text and keeps no sound.',
    voiceHands: 'Talk hands-free', voiceHandsOff: 'End hands-free', voiceHearing: 'I hear you…', voiceThinking: 'One moment…',
    voiceMissing: 'No microphone was found. Connect one, or type.',
    voiceHandsOn: 'Just speak. You may interrupt at any time.',
  },
  de: {
    voiceSite: 'Ihr Browser wird nach dem Mikrofon fragen. Der eigene Server dieser Seite macht aus dem Gesprochenen Text und behält keinen Ton.',
    voiceHands: 'Freihändig sprechen', voiceHandsOff: 'Freihändig beenden', voiceHearing: 'Ich höre Sie …', voiceThinking: 'Einen Moment …',
    voiceMissing: 'Es wurde kein Mikrofon gefunden. Schließen Sie eines an, oder tippen Sie.',
    voiceHandsOn: 'Sprechen Sie einfach. Sie können jederzeit unterbrechen.',
  },
  es: {
    voiceSite: 'Su navegador pedirá el micrófono. El servidor de este sitio convierte lo que dice en texto y no guarda ningún sonido.',
    voiceHands: 'Hablar con manos libres', voiceHandsOff: 'Terminar manos libres', voiceHearing: 'Le escucho…', voiceThinking: 'Un momento…',
    voiceMissing: 'No se ha encontrado ningún micrófono. Conecte uno o escriba.',
    voiceHandsOn: 'Hable sin más. Puede interrumpir en cualquier momento.',
  },
  fr: {
    voiceSite: 'Votre navigateur demandera le micro. Le serveur de ce site transforme vos paroles en texte et ne garde aucun son.',
    voiceHands: 'Parler mains libres', voiceHandsOff: 'Arrêter les mains libres', voiceHearing: 'Je vous entends…', voiceThinking: 'Un instant…',
    voiceMissing: 'Aucun micro trouvé. Branchez-en un ou écrivez.',
    voiceHandsOn: 'Parlez simplement. Vous pouvez interrompre à tout moment.',
  },
  zh: {
    voiceSite: '浏览器会请求使用麦克风。您说的话由本网站自己的服务器转成文字，不保留任何声音。',
    voiceHands: '免提对话', voiceHandsOff: '结束免提', voiceHearing: '正在听您说…', voiceThinking: '请稍候…',
    voiceMissing: '没有找到麦克风。请连接一个，或改用打字。',
    voiceHandsOn: '直接说话即可，随时可以打断。',
  },
};

/** @param {string} locale @param {SpeechKey} key @returns {string} */
export function word(locale, key) {
  const language = /** @type {keyof typeof WORDS} */ (locale.toLowerCase().split('-')[0]);
  return (WORDS[language] ?? WORDS.en)[key];
}
