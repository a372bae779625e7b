/** The microphone as pieces of 20 ms at 16 kHz, without the echo of the page's own sound; released when it is closed. */

/** What browsers call a refusal of the microphone. */
const REFUSED = new Set(['NotAllowedError', 'SecurityError', 'PermissionDeniedError']);

/** The microphone cannot be used; `trouble` says why. */
export class NoMicrophone extends Error {
  /** @param {'blocked'|'missing'} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

export class Capture {
  /** @type {MediaStream|null} */ #stream = null;
  /** @type {AudioContext|null} */ #context = null;
  #isClosed = false;

  /** @type {(piece: Float32Array) => void} */ onpiece = () => {};
  /** @type {() => void} the microphone was taken away: unplugged, or refused meanwhile */ onlost = () => {};

  /** Asks for the microphone. Call it in a click or key press: some browsers start no sound otherwise. */
  async open() {
    const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: wish });
    } catch (/** @type {any} */ error) {
      throw new NoMicrophone(REFUSED.has(error.name) ? 'blocked' : 'missing');
    }
    if (this.#isClosed) return this.close();
    for (const track of this.#stream.getTracks()) track.addEventListener('ended', () => this.onlost());
    const context = (this.#context = new AudioContext());
    await context.audioWorklet.addModule(new URL('./worklet.js', import.meta.url).href);
    if (this.#isClosed || !this.#stream) return;
    const node = new AudioWorkletNode(context, 'greenroom-sixteen', { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.onpiece(data);
    context.createMediaStreamSource(this.#stream).connect(node);
    if (context.state === 'suspended') await context.resume();
  }

  close() {
    this.#isClosed = true;
    this.onpiece = this.onlost = () => {};
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close().catch(() => {});
    this.#stream = this.#context = null;
  }
}
