import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';

function App() {
  const [props, set] = useState(window.first);
  window.bind = (next) => flushSync(() => set(next));
  return props && createElement('greenroom-chat', { ...props, 'ongreenroom:close': () => (window.shut += 1) });
}

flushSync(() => createRoot(document.querySelector('#app')).render(createElement(App)));
