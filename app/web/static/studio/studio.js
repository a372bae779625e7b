// The Studio's script. Every page works without it: it adds keys, and what is shown while it happens.

import {editors} from './editor.js';
import {keys} from './keys.js';
import {live} from './live.js';

for (const form of document.querySelectorAll('form[data-send-at-once]')) {
  if (form instanceof HTMLFormElement && document.visibilityState === 'visible') form.requestSubmit();
}
// On a phone the pages stand in a row: the one that is open comes into view.
document.querySelector('.side [aria-current]')?.scrollIntoView({block: 'nearest', inline: 'center'});
keys();
live();
editors();
