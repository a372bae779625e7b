/** The widget's own words in Chinese. */
export default {
  launch: '向{name}提问', someone: '我们', dialog: '与{name}的对话', stage: '{name}的视频', log: '对话', close: '关闭',
  send: '发送', placeholder: '输入您的问题', suggestions: '推荐问题', mute: '静音', unmute: '打开声音', captions: '字幕',
  pause: '暂停视频', play: '播放视频', stop: '停止', language: '语言', replay: '重新观看', up: '有帮助', down: '没有帮助',
  newTab: '在新标签页中打开', connecting: '正在连接', listening: '正在聆听', thinking: '正在思考', speaking: '正在讲话',
  offline: '已断开', disclosure: '{name}由人工智能生成', filming: '正在为您拍摄这个回答', fresh: '刚刚为您拍摄',
  unsent: '未发送', stopped: '已停止', wordsOnly: '此处无法播放视频，请阅读文字回答。',
  noAnswer: '暂时无法回答，请再试一次。', problem: '出了点问题，请再试一次。', lost: '连接已断开，正在重试。', reach: '也可以这样联系我们：{contact}',
  retry: '立即重试', busy: '请稍候，提问的人较多。', denied: '此页面无权使用该数字人。', outdated: '此页面版本已过期。',
  reload: '重新加载', elsewhere: '对话已在另一个标签页中继续。', useHere: '在此继续', ended: '对话已结束。',
  restart: '重新开始', ending: '对话即将结束。',
  voice: '语音提问', voiceStop: '说完了', voiceOn: '正在听您说…', voiceAgree: '继续', notNow: '暂不',
  voiceWhy: '浏览器将请求使用麦克风。它会把您说的话转成文字，可能借助浏览器厂商的服务；本页面不保存任何声音。',
  voiceBlocked: '麦克风已被禁用。请在浏览器设置中允许本页面使用，或改用打字。',
  voiceUnheard: '没有听清。请再试一次，或改用打字。',
};
