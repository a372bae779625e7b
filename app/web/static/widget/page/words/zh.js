/** The words of `words.js` in Chinese. */

export default {
  more: '打开', onMap: '在地图上查看', send: '发送', optional: '选填', sent: '已发送，谢谢。', over: '此表单已过期。',
  formAgree: '同意将我的回答发送给 {site}', formConsent: '请先勾选。', formWrong: '请检查标出的各项。',
  wants: '操作前的确认', mayCall: '可以在此页面上为您执行此操作吗？', yes: '可以', no: '不用了',
  working: '请稍候…', done: '已完成。', failed: '没有成功。', tooLate: '用时过长。',
  why: '哪里可以改进？（选填）', thanks: '谢谢。', person: '联系人工', reach: '如何联系您？（邮箱或电话）',
  along: '附上我们的对话', callPerson: '请求人工', personComes: '已转达，会有人与您联系。',
  takeAlong: '保存对话', you: '您', consent: '开始之前', agree: '同意',
  terms: '您在此输入的内容会发送到主持人的服务器。是否同意？', unread: '{n} 条未读',
};
