/**
 * Defines `<greenroom-chat>`. Its server is the one this file came from, unless the element's `server` attribute says
 * otherwise.
 */
import { define } from './widget/element.js';
// Named here so that the browser fetches all at once, not level by level.
import './widget/composer.js';
import './widget/conversation.js';
import './widget/dom.js';
import './widget/languages.js';
import './widget/layer.js';
import './widget/memory.js';
import './widget/notices.js';
import './widget/prefetch.js';
import './widget/stage.js';
import './widget/strings.js';
import './widget/styles.js';
import './widget/transcript.js';
import './widget/view.js';
import './widget/voice.js';
import './widget/wire.js';

define(new URL('.', import.meta.url).href);
