/**
 * Which conversation belongs to which element, where several of a page bear the same name or none. Each element that
 * comes while another one holds a name gets the next; one that has not been used yet takes over a name that falls free,
 * because routers put the next page's element in before they take out the last one's.
 */

/** @type {Map<string, object>} */ const held = new Map();
/** @type {Set<() => void>} */ const waiting = new Set();

/**
 * What the holder had before is given back only if it gets another name: whoever is told of a free name may be one that
 * had to take a number, and would otherwise tell itself without end.
 *
 * @param {object} holder
 * @param {string} name
 * @returns {string} the name, or the first of `name~2`, `name~3` ... that is free or the holder's own
 */
export function claim(holder, name) {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name}~${number}`;
    const by = held.get(tried);
    if (by && by !== holder) continue;
    held.set(tried, holder);
    release(holder, tried);
    return tried;
  }
}

/** @param {object} holder gives back whatever it holds @param {string} [kept] but for this */
export function release(holder, kept) {
  let isFreed = false;
  for (const [name, by] of held) if (by === holder && name !== kept) isFreed = held.delete(name);
  if (isFreed) for (const tell of [...waiting]) tell();
}

/** @param {() => void} tell called when a name falls free @returns {() => void} ends that */
export function onfree(tell) {
  waiting.add(tell);
  return () => void waiting.delete(tell);
}
