/**
 * `<greenroom-chat>` as a package. On a server nothing happens; in a browser the widget is loaded when it is asked for.
 *
 * @typedef {import('./widget/element.js').GreenroomChat} GreenroomChat the element
 */

/** @type {Promise<void>|undefined} */ let loading;

/**
 * Defines the element, once.
 *
 * @param {{server?: string}} [options] `server`: address that widgets talk to unless their `server` attribute says otherwise
 * @returns {Promise<void>} rejected if the widget's modules cannot be loaded; then it may be called again
 */
export function register({ server = '/' } = {}) {
  if (typeof window === 'undefined') return Promise.resolve();
  const fail = (/** @type {unknown} */ error) => {
    loading = undefined;
    throw error;
  };
  return (loading ??= import('./widget/element.js').then(({ define }) => define(server), fail));
}

/**
 * The attributes of an element that may not be defined yet: frameworks write objects as they are, which only JSON survives.
 *
 * @param {Record<string, unknown>} props
 * @returns {Record<string, unknown>}
 */
export function attributesOf({ texts, ...props }) {
  return texts && typeof texts === 'object' ? { ...props, texts: JSON.stringify(texts) } : { ...props, ...(texts ? { texts } : {}) };
}
