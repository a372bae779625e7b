/**
 * The site's own recogniser: `POST /v1/listen`.
 *
 * @typedef {{server: string, session: string, speech_s: number}} Ears which server hears, for which session, and how long a sound
 */

const RATE = 16_000;

/** What goes wrong on the way: worth another try, unless the server says that it hears nobody. */
export class Unheard extends Error {}

/**
 * @param {Ears} ears
 * @param {Float32Array[]} pieces 16 kHz
 * @param {{locale: string, signal: AbortSignal}} options
 * @returns {Promise<string>} what was said; empty if nobody spoke
 */
export async function recognise({ server, session, speech_s }, pieces, { locale, signal }) {
  const { token } = await call(new URL('v1/sessions', server), { signal });
  const address = new URL('v1/listen', server);
  address.search = String(new URLSearchParams({ locale }));
  const headers = { 'content-type': 'audio/wav', authorization: `Bearer ${token}`, 'greenroom-session': session };
  const { text } = await call(address, { headers, body: wav(pieces, speech_s), signal });
  return text;
}

/** @param {URL} address @param {RequestInit} options */
async function call(address, options) {
  const answer = await fetch(address, { method: 'POST', credentials: 'omit', ...options });
  if (!answer.ok) throw new Unheard(String(answer.status));
  return answer.json();
}

/** @param {Float32Array[]} pieces @param {number} longest_s of more, the end counts @returns {Blob} 16 bits, mono */
export function wav(pieces, longest_s) {
  const most = Math.floor((longest_s * RATE) / pieces[0].length);
  const kept = pieces.slice(-most);
  const count = kept.reduce((sum, piece) => sum + piece.length, 0);
  const view = new DataView(new ArrayBuffer(44 + count * 2));
  const write = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  write(0, 'RIFF');
  view.setUint32(4, 36 + count * 2, true);
  write(8, 'WAVEfmt ');
  [[16, 16], [24, RATE], [28, RATE * 2]].forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  write(36, 'data');
  view.setUint32(40, count * 2, true);
  let at = 44;
  for (const piece of kept) for (const sample of piece) view.setInt16((at += 2) - 2, Math.max(-1, Math.min(1, sample)) * 32767, true);
  return new Blob([view.buffer], { type: 'audio/wav' });
}
