/**
 * One conversation over a WebSocket that may come and go. What the visitor says is sent until the server has accepted it
 * and taken once however often it is sent; what the server says is heard once, in spite of breaks.
 *
 * @typedef {{start_s: number, end_s: number, text: string}} Caption
 * @typedef {{url: string, media_type?: string, duration_s?: number, poster?: string|null, digest?: string,
 *   captions?: Caption[], text?: string, face?: import('./stage/framing.js').Box}} Clip
 * @typedef {{intent: string, title: string}} Choice
 * @typedef {{name: string, label: string, kind: string, required: boolean, options?: string[]}} Field
 * @typedef {{kind?: string, title: string, body?: string|null, url?: string|null, image?: string, alt?: string, items?: string[],
 *   address?: string, price?: string, form?: Field[], submit?: string, function?: string}} Card
 * @typedef {'connecting'|'open'|'waiting'|'closed'} ConnectionState
 * @typedef {{state: ConnectionState, code?: number, retry_in_s?: number, resumed?: boolean,
 *   contact?: string}} Connection `contact`: nothing has worked for a while, and people are reached here
 */

const PROTOCOL = 'greenroom.v1';

/**
 * What a close code asks of us: `now` resume at once, `later` back off and resume, `wait` as long as the server said,
 * `anew` start a new session, `drop` resume without sending again, `stop` leave it to the visitor or the page.
 */
const CLOSES = {
  1000: 'stop', 1001: 'now', 1012: 'now', 1013: 'later',
  4000: 'later', 4001: 'stop', 4004: 'anew', 4005: 'stop', 4006: 'stop', 4007: 'now', 4008: 'wait', 4009: 'drop',
};

/** Statuses of `POST /v1/sessions` that mean the same as a close code; any other failure is worth another try. */
const REFUSALS = { 401: 4001, 403: 4001, 429: 4008 };

const HANDSHAKE_S = 10;
const DEAD_AFTER_BEATS = 2.5;
const STABLE_AFTER_S = 5;
const LONGEST_BACK_OFF_S = 30;
/** How often a server that did not answer is looked for, at first and at last. */
const LOOK_EVERY_S = 1;
const LONGEST_LOOK_S = 10;

export class Wire {
  /** @type {WebSocket|import('./lines/event_stream.js').EventLine|null} */ #socket = null;
  /** What an event stream left unposted. @type {string[]} */ #left = [];
  #run = 0;
  #tries = 0;
  #open = false;
  #beat_s = 20;
  #retry_after_s = 0;
  #stale = 0;
  #seen;
  #saved;
  #timers = {};
  #off = new AbortController();
  #isHidden;

  /** @type {(message: any) => void} */ onmessage = () => {};
  /** @type {(connection: Connection) => void} */ onconnection = () => {};
  /** @type {(id: string) => void} */ onreject = () => {};
  /** @type {() => Record<string, unknown>|undefined} what the page tells of its visitor */ context = () => undefined;

  /**
   * @param {object} options
   * @param {string} options.server base address, ending in `/`
   * @param {import('./memory.js').Memory} options.memory keeps session, unsent input and place across a reload
   * @param {() => string} options.locale asked for at each start
   * @param {() => boolean} options.isHidden whether nobody can look at the page at present
   */
  constructor({ server, memory, locale, isHidden }) {
    this.server = server;
    this.#isHidden = isHidden;
    this.memory = memory;
    this.locale = locale;
    const saved = memory.load();
    this.#saved = { session: saved?.session ?? null, resume_token: saved?.resume_token ?? null, out: saved?.out ?? [], events: saved?.events, contact: saved?.contact };
    this.#seen = new Seen(saved?.last_seq);
  }

  get isOpen() {
    return this.#open;
  }

  /** Connects, or tries at once if a retry is pending. A session saved in this tab is resumed. */
  open() {
    if (this.#timers.retry === undefined && this.#socket) return;
    this.#listen();
    this.#connect();
  }

  /** Sends what only matters now (playback, feedback, cancel); lost if the line is down. */
  send(type, body = {}) {
    if (this.#open && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type, ...body }));
  }

  /** Sends what the visitor said, again after each break until it is accepted. @returns {string} its id */
  submit(type, body) {
    const id = newId();
    this.#saved.out.push({ type, id, ...body });
    this.#save();
    this.send(type, { id, ...body });
    return id;
  }

  /** Tries at once, if it waits for its next try. */
  hurry() {
    if (this.#timers.retry !== undefined && !this.#isHidden()) this.#connect();
  }

  /** Leaves without ending the session: a later `open()` resumes it. */
  suspend() {
    this.#off.abort();
    this.#hangUp();
  }

  /** Ends the session for good. */
  end() {
    this.send('session.end');
    this.suspend();
    this.#forget();
    this.#saved.out = [];
    this.memory.save(null);
  }

  // ---- connecting

  #listen() {
    this.#off.abort();
    this.#off = new AbortController();
    const { signal } = this.#off;
    window.addEventListener('online', () => this.hurry(), { signal });
    window.addEventListener('offline', () => this.#open && this.#lost(1006), { signal });
  }

  async #connect() {
    const run = this.#hangUp();
    this.onconnection({ state: 'connecting' });
    try {
      const token = await this.#token();
      if (run === this.#run) await this.#dial(run, token);
    } catch (/** @type {any} */ error) {
      if (run === this.#run) this.#lost(error.close ?? 1006, error.isAnswer ? 'refused' : 'away');
    }
  }

  async #token() {
    const answer = await fetch(new URL('v1/sessions', this.server), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ locale: this.locale() }),
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout?.(HANDSHAKE_S * 1000),
    });
    if (answer.ok) {
      const { token, contact } = await answer.json();
      this.#saved.contact = contact;
      return token;
    }
    this.#retry_after_s = Number(answer.headers.get('retry-after')) || 0;
    throw Object.assign(new Error(`session refused: ${answer.status}`), { close: REFUSALS[answer.status], isAnswer: true });
  }

  async #dial(run, token) {
    const events = this.#saved.events && (await import('./lines/event_stream.js'));
    if (run !== this.#run) return;
    const socket = events ? new events.EventLine(this.server, this.#left) : new WebSocket(new URL('v1/chat', this.server).href.replace(/^http/, 'ws'), PROTOCOL);
    const { session, resume_token } = this.#saved;
    const resume = session ? { resume: { session, resume_token, last_seq: this.#seen.last } } : {};
    const mine = () => run === this.#run;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'session.start', id: newId(), token, locale: this.locale(), context: this.context(), ...resume }));
    socket.onmessage = (/** @type {{data: string}} */ event) => mine() && this.#receive(event.data);
    socket.onclose = (/** @type {{code: number}} */ event) => mine() && this.#lost(event.code);
    this.#socket = socket;
    this.#expectLife(HANDSHAKE_S);
  }

  #hangUp() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#timers = {};
    this.#open = false;
    this.#socket?.close(1000);
    this.#socket = null;
    return ++this.#run;
  }

  /**
   * A server that did not answer is looked for with requests that cost it little, and called as soon as it is back: nobody
   * waits for the end of a back-off. The longer it is away, the less often.
   */
  #look() {
    const every_s = Math.min(LONGEST_LOOK_S, LOOK_EVERY_S + this.#tries / 8);
    this.#timers.look = setTimeout(async () => {
      const run = this.#run;
      const isBack = !this.#isHidden() && navigator.onLine !== false && (await this.#answers());
      if (run !== this.#run) return;
      if (isBack) this.#connect();
      else this.#look();
    }, every_s * (1 + Math.random() / 2) * 1000);
  }

  async #answers() {
    const options = { method: 'HEAD', cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout?.(HANDSHAKE_S * 1000) };
    return fetch(new URL('widget.js', this.server), /** @type {RequestInit} */ (options)).then(({ ok }) => ok, () => false);
  }

  /** @param {number} code @param {'refused'|'away'|'broken'} [how] `refused`: no token was to be had; `away`: no answer */
  #lost(code, how = 'broken') {
    // A line that does not open although the server answers: the network lets the other kind pass, perhaps.
    if (how === 'broken' && !this.#open && !(code > 1006 && code !== 4007)) this.#saved.events = !this.#saved.events;
    const isStale = code === 4001 && how === 'broken' && !this.#open && this.#stale++ === 0;
    this.#hangUp();
    // A token may expire on a slow way or while the computer sleeps: the next one is tried before giving up.
    const action = isStale ? 'now' : (CLOSES[code] ?? 'later');
    if (action === 'anew') this.#forget();
    if (action === 'drop') for (const { id } of this.#saved.out.splice(0)) this.onreject(id);
    this.#save();
    if (action === 'stop') return this.onconnection({ state: 'closed', code });
    const delay_s = this.#delay(action);
    this.#tries += 1;
    this.#retry_after_s = 0;
    // A hidden tab comes back when it is looked at: its timers are throttled and nobody is waiting.
    this.#timers.retry = setTimeout(() => !this.#isHidden() && this.#connect(), delay_s * 1000);
    if (how === 'away') this.#look();
    this.onconnection({ state: 'waiting', code, retry_in_s: delay_s, ...(this.#tries > 2 && { contact: this.#saved.contact ?? '' }) });
  }

  #delay(action) {
    if (action === 'wait') return Math.max(this.#retry_after_s, 5) + Math.random();
    // A session that is gone cannot be gone again: the server is there, and waits for a new one.
    if (action === 'anew' || (action !== 'later' && this.#tries === 0)) return Math.random() * 0.3;
    const back_off = Math.min(LONGEST_BACK_OFF_S, 0.4 * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    return Math.max(back_off, this.#retry_after_s);
  }

  // ---- hearing

  #receive(data) {
    this.#expectLife(this.#beat_s * DEAD_AFTER_BEATS);
    const message = parse(data);
    if (!message) return;
    if (message.type === 'session.created') this.#seen = new Seen();
    const isNew = this.#seen.add(message.seq);
    if (message.type === 'session.created' || message.type === 'session.resumed') this.#begin(message);
    else if (!isNew) return;
    if (message.type.endsWith('.accepted')) this.#settle(message.ref);
    if (message.type === 'error') this.#refused(message);
    this.#save();
    this.onmessage(message);
    if (message.type === 'response.done') this.#ack();
  }

  #begin(message) {
    this.#saved.session = message.session;
    this.#saved.resume_token = message.resume_token;
    this.#beat_s = message.heartbeat_s ?? this.#beat_s;
    this.#open = true;
    this.#stale = 0;
    this.#timers.beat = setInterval(() => this.#pulse(), this.#beat_s * 1000);
    this.#timers.stable = setTimeout(() => (this.#tries = 0), STABLE_AFTER_S * 1000);
    this.#expectLife(this.#beat_s * DEAD_AFTER_BEATS);
    this.onconnection({ state: 'open', resumed: message.type === 'session.resumed' });
    for (const { type, ...body } of this.#saved.out) this.send(type, body);
  }

  #refused({ ref, retryable, retry_after_s }) {
    this.#retry_after_s = retry_after_s ?? 0;
    const input = this.#saved.out.find(({ id }) => id === ref);
    if (!input) return;
    if (retryable) {
      this.#timers.again = setTimeout(() => this.#saved.out.includes(input) && this.send(input.type, input), 1000 * (retry_after_s ?? 2));
    } else {
      this.#settle(ref);
      this.onreject(ref);
    }
  }

  #settle(ref) {
    this.#saved.out = this.#saved.out.filter(({ id }) => id !== ref);
  }

  #pulse() {
    this.send('ping');
    this.#ack();
  }

  #ack() {
    if (this.#seen.last) this.send('ack', { seq: this.#seen.last });
  }

  #expectLife(seconds) {
    clearTimeout(this.#timers.life);
    this.#timers.life = setTimeout(() => this.#lost(4007), seconds * 1000);
  }

  #forget() {
    this.#saved.session = this.#saved.resume_token = null;
    this.#seen = new Seen();
  }

  #save() {
    this.memory.save({ ...this.#saved, last_seq: this.#seen.last });
  }
}

/** Which numbered frames were heard. A resumed session may number its first frame before those that it repeats. */
class Seen {
  #beyond = new Set();

  /** @param {number} [last] every frame up to this one was heard */
  constructor(last = 0) {
    this.last = last;
  }

  /** @param {number} [seq] @returns {boolean} whether the frame is new; one without a number always is */
  add(seq) {
    if (!seq) return true;
    if (seq <= this.last || this.#beyond.has(seq)) return false;
    this.#beyond.add(seq);
    if (this.#beyond.size > 200) this.last = Math.min(...this.#beyond) - 1; // the server keeps no more: a gap stays one
    while (this.#beyond.delete(this.last + 1)) this.last += 1;
    return true;
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** `crypto.randomUUID` would need https. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
