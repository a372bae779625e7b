/**
 * A line to the server where no WebSocket passes: frames are posted, and answers come as server-sent events. It is used
 * like a `WebSocket`; the first frame that is sent opens it.
 */

/** How many bytes of frames the server takes at once. */
const MOST_BYTES = 48 * 1024;

export class EventLine {
  #server;
  #left;
  #secret = '';
  /** @type {string[]} */ #waiting = [];
  /** @type {string[]} */ #carried = [];
  #busy = false;
  #stop = new AbortController();
  readyState = 0;

  /** @type {(() => void)|null} */ onopen = null;
  /** @type {((event: {data: string}) => void)|null} */ onmessage = null;
  /** @type {((event: {code: number}) => void)|null} */ onclose = null;

  /**
   * @param {string} server base address, ending in `/`
   * @param {string[]} left frames of this conversation that could not be posted, because another node has the stream: they
   *   go along with the next opening
   */
  constructor(server, left) {
    this.#server = server;
    this.#left = left;
    queueMicrotask(() => this.readyState < 2 && this.onopen?.());
  }

  /** @param {string} frame */
  send(frame) {
    if (this.readyState === 0) return void this.#open(frame);
    if (this.#carried.includes(frame)) return; // it is on its way already
    this.#waiting.push(frame);
    this.#post();
  }

  close() {
    this.readyState = 3;
    this.onclose = this.onmessage = null;
    this.#stop.abort();
  }

  async #open(frame) {
    this.readyState = 1;
    this.#carried = this.#left.splice(0);
    try {
      const answer = await this.#fetch('v1/chat/events', [frame, ...this.#carried]);
      if (answer.ok && answer.body) await this.#read(answer.body.getReader());
    } catch {
      // It broke: whoever uses the line comes back.
    }
    this.#end(1006);
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  async #read(reader) {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.#hear(event);
    }
  }

  /** @param {string} event its lines */
  #hear(event) {
    const lines = Object.fromEntries(event.split('\n').map((line) => /** @type {[string, string]} */ (line.split(/: (.*)/s, 2))));
    const data = lines.data ?? '';
    if (!lines.event) {
      this.onmessage?.({ data });
      this.#carried = []; // what the opening carried is sent again with its first answer only
    }
    if (lines.event === 'close') this.#end(JSON.parse(data).code);
    else if (lines.event === 'line') {
      this.#secret = JSON.parse(data).line;
      this.#post();
    }
  }

  /** One post after the other, so that frames arrive in order. */
  async #post() {
    if (this.#busy || !this.#secret || !this.#waiting.length) return;
    this.#busy = true;
    const frames = this.#batch();
    const status = await this.#fetch('v1/chat/messages', frames).then((answer) => answer.status, () => 0);
    this.#busy = false;
    if (status === 204) return this.#post();
    if (this.readyState === 1 && status === 404) this.#left.push(...[...frames, ...this.#waiting].filter((frame) => JSON.parse(frame).id));
    this.#end(status === 404 ? 1001 : 1006);
  }

  #batch() {
    let bytes = 0;
    const beyond = this.#waiting.findIndex((frame) => (bytes += frame.length * 3) > MOST_BYTES);
    return this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : Math.max(1, beyond));
  }

  /** @param {string} path @param {string[]} frames */
  #fetch(path, frames) {
    return fetch(new URL(path, this.#server), {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...(this.#secret && { authorization: `Bearer ${this.#secret}` }) },
      body: frames.join('\n'),
      credentials: 'omit',
      cache: 'no-store',
      signal: this.#stop.signal,
    });
  }

  /** @param {number} code */
  #end(code) {
    if (this.readyState > 1) return;
    const tell = this.onclose;
    this.close();
    tell?.({ code });
  }
}
