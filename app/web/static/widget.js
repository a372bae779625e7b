/**
 * Defines `<greenroom-chat>`. Its server is the one this file came from, unless the element's `server` attribute says
 * otherwise.
 */
import { define } from './widget/element.js';

define(new URL('.', import.meta.url).href);
