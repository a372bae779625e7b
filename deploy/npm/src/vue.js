/** `<GreenroomChat>` for Vue 3: every attribute is a property of the same name, events are `@greenroom:NAME`. */

import { defineComponent, h, onMounted } from 'vue';
import { attributesOf, register } from './index.js';

/** The widget; defined in the browser once it is mounted. */
export const GreenroomChat = defineComponent({
  name: 'GreenroomChat',
  inheritAttrs: false,
  setup(_, { attrs }) {
    onMounted(() => void register({ server: /** @type {string|undefined} */ (attrs.server) }));
    return () => h('greenroom-chat', attributesOf(attrs));
  },
});
