/**
 * Defines `<greenroom-chat>` from the readable modules, one request each; `/widget.js` is the same in one file.
 */
import { define } from './element.js';

define(new URL('..', import.meta.url).href);
