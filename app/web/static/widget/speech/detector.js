/**
 * When somebody begins to speak, whether it was speech, and when they have finished, from pieces of 20 ms.
 *
 * A piece is voiced if it is louder than what is always there and repeats itself as a voice does (70 to 400 Hz): a click
 * and the noise of a cough do not. It is told three times: at the first voice, when it has lasted so long that it is
 * speech, and after a silence that ends a turn; or that it was nothing.
 *
 * @typedef {'began'|'spoke'|'nothing'|'ended'} News
 */

export const PIECE_MS = 20;

/** Of the last five pieces, how many must be voiced for a beginning: 60 to 100 ms of voice. */
const BEGINS = 3;
/** Voice of a cough or a "hm" is shorter. */
const SPEECH_MS = 250;
/** Silence after which it was nothing. */
const NOTHING_MS = 300;
/** Silence after which a visitor has finished; pauses for breath are shorter as a rule. */
const TURN_MS = 800;

/** Loudness against what is always there, from which a piece may be voice; and the least at all. */
const LOUDER = 3;
const LEAST = 0.004;
const PERIODIC = 0.55;

/** The voice is looked for at 4 kHz, in the last 60 ms, with periods from 2.5 to 14 ms. */
const FOLD = 4;
const WINDOW = 240;
const SHORTEST = 10;
const LONGEST = 57;
/** Hum is much like itself a moment later, too: what repeats itself must first have been unlike. */
const UNLIKE = 0.3;

export class Detector {
  #floor = LEAST / 2;
  #past = new Float32Array(WINDOW);
  /** @type {boolean[]} */ #last = [];
  /** @type {'silent'|'began'|'speaking'} */ #state = 'silent';
  #voiced_ms = 0;
  #quiet_ms = 0;
  #caution = 1;

  /** @returns {boolean} nobody has begun to speak */
  get isSilent() {
    return this.#state === 'silent';
  }

  /** @returns {boolean} it is speech */
  get isSpeaking() {
    return this.#state === 'speaking';
  }

  /** Harder to convince, or as at first: what was nothing while the presenter speaks was perhaps her. @param {number} factor */
  set caution(factor) {
    this.#caution = factor;
  }

  /** @param {Float32Array} piece 20 ms at 16 kHz @returns {News|null} */
  hear(piece) {
    const loudness = Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / piece.length);
    this.#remember(piece);
    const isLoud = loudness > Math.max(LEAST, this.#floor * LOUDER) * this.#caution;
    const isVoiced = isLoud && this.#isPeriodic();
    // Falls at once, and rises slowly: ten seconds of a new noise are what is always there.
    this.#floor = loudness < this.#floor ? this.#floor * 0.8 + loudness * 0.2 : Math.min(loudness, this.#floor * 1.006 + 1e-6);
    this.#last = [...this.#last.slice(-4), isVoiced];
    return this.#step(isVoiced, this.#state === 'speaking' ? isLoud : isVoiced);
  }

  /** @param {boolean} isVoiced @param {boolean} isActive @returns {News|null} */
  #step(isVoiced, isActive) {
    this.#quiet_ms = isActive ? 0 : this.#quiet_ms + PIECE_MS;
    if (isVoiced) this.#voiced_ms += PIECE_MS;
    if (this.#state === 'silent') {
      const voiced = this.#last.filter(Boolean).length;
      if (voiced < BEGINS) return null;
      this.#voiced_ms = voiced * PIECE_MS;
      return this.#become('began', 'began');
    }
    if (this.#state === 'began') {
      if (this.#voiced_ms >= SPEECH_MS) return this.#become('speaking', 'spoke');
      return this.#quiet_ms >= NOTHING_MS ? this.#become('silent', 'nothing') : null;
    }
    return this.#quiet_ms >= TURN_MS ? this.#become('silent', 'ended') : null;
  }

  /** @param {'silent'|'began'|'speaking'} state @param {News} news */
  #become(state, news) {
    this.#state = state;
    if (state === 'silent') this.#last = [];
    return news;
  }

  /** @param {Float32Array} piece */
  #remember(piece) {
    const count = piece.length / FOLD;
    this.#past.copyWithin(0, count);
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < FOLD; j++) sum += piece[i * FOLD + j];
      this.#past[WINDOW - count + i] = sum / FOLD;
    }
  }

  /** Whether the sound repeats itself: the largest correlation with itself a period later. */
  #isPeriodic() {
    const past = this.#past;
    let wasUnlike = false;
    for (let lag = 3; lag <= LONGEST; lag++) {
      let [both, now, then] = [0, 0, 0];
      for (let i = lag; i < WINDOW; i++) {
        both += past[i] * past[i - lag];
        now += past[i] * past[i];
        then += past[i - lag] * past[i - lag];
      }
      const alike = both / (Math.sqrt(now * then) || 1);
      if (wasUnlike && lag >= SHORTEST && alike > PERIODIC) return true;
      wasUnlike ||= alike < UNLIKE;
    }
    return false;
  }
}
