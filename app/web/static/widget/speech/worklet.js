/** Runs in the browser's sound thread: brings the microphone to 16 kHz and hands it on in pieces of 20 ms. */

const RATE = 16_000;
const PIECE = 320;

/** What the sound thread has and a page has not. @type {any} */
const here = globalThis;

class Sixteen extends here.AudioWorkletProcessor {
  #step = here.sampleRate / RATE;
  /** How much of the sample that is being made has been taken, in samples of the microphone. */ #taken = 0;
  #sum = 0;
  #piece = new Float32Array(PIECE);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([[sound] = []]) {
    for (const sample of sound ?? []) this.#take(sample);
    return true;
  }

  /** Each sample that is made is the mean of those it stands for: what cannot be told at the lower rate is gone. */
  #take(sample) {
    const left = this.#step - this.#taken;
    if (left > 1) {
      this.#sum += sample;
      this.#taken += 1;
      return;
    }
    this.#piece[this.#filled++] = (this.#sum + sample * left) / this.#step;
    this.#sum = sample * (1 - left);
    this.#taken = 1 - left;
    if (this.#filled < PIECE) return;
    this.port.postMessage(this.#piece);
    this.#filled = 0;
  }
}

here.registerProcessor('greenroom-sixteen', Sixteen);
