/** Whether what was heard is the presenter's own voice out of the loudspeaker, judged by the words. */

/** Share of the heard words that she says in this order, from which they are hers. */
const HERS = 0.6;

/** @param {string} text @returns {string[]} */
export function wordsOf(text) {
  return text.toLowerCase().normalize('NFKD').match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * @param {string} heard
 * @param {string} said what she said while it was heard, or just before
 * @returns {number} 0 to 1: the share of heard words that are hers, in her order
 */
export function likeness(heard, said) {
  const [ours, hers] = [wordsOf(heard), wordsOf(said)];
  if (!ours.length) return 0;
  let before = new Array(hers.length + 1).fill(0);
  for (const word of ours) {
    const row = [0];
    for (let i = 0; i < hers.length; i++) row.push(word === hers[i] ? before[i] + 1 : Math.max(before[i + 1], row[i]));
    before = row;
  }
  return before[hers.length] / ours.length;
}

/** One or two words may be anybody's: they are hers only if she says just them. */
export function isEcho(heard, said) {
  const [ours, hers] = [wordsOf(heard), wordsOf(said)];
  if (!ours.length || !hers.length) return false;
  if (ours.length < 3) return ` ${hers.join(' ')} `.includes(` ${ours.join(' ')} `);
  return likeness(heard, said) >= HERS;
}
