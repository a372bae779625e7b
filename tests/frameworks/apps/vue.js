import { createApp, h, nextTick, shallowRef } from 'vue';

const props = shallowRef(window.first);
window.bind = (next) => {
  props.value = next;
  return nextTick();
};
const render = () => props.value && h('greenroom-chat', { ...props.value, 'onGreenroom:close': () => (window.shut += 1) });
createApp({ render }).mount('#app');
