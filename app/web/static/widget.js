/**
 * Defines `<greenroom-chat>`. Its server is the one this file came from, unless the element's `server` attribute says
 * otherwise. What is served as `/widget.js` is this module joined with all that it imports.
 */
import { define } from './widget/element.js';

define(new URL('.', import.meta.url).href);
