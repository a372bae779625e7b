// The Studio's script. Every page works without it: it adds keys, and what is shown while it happens.

import {editors} from './editor.js';
import {keys} from './keys.js';
import {live} from './live.js';

for (const form of document.querySelectorAll('form[data-send-at-once]')) {
  if (form instanceof HTMLFormElement && document.visibilityState === 'visible') form.requestSubmit();
}
keys();
live();
editors();
