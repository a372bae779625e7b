/** `<GreenroomChat>` for React 19: every attribute is a property of the same name, events are `ongreenroom:NAME`. */

import { createElement, useEffect } from 'react';
import { attributesOf, register } from './index.js';

/**
 * The widget; defined in the browser once it is mounted.
 *
 * @param {{server?: string, [name: string]: unknown}} props
 * @returns {import('react').ReactElement}
 */
export function GreenroomChat(props) {
  const { server } = props;
  useEffect(() => void register({ server }), [server]);
  return createElement('greenroom-chat', attributesOf(props));
}
