/**
 * What the server says, brought to stage and transcript; what the visitor does, brought to the server.
 * @typedef {import('./wire.js').Choice} Choice
 * @typedef {'connecting'|'offline'|'listening'|'thinking'|'speaking'} State
 * @typedef {object} Screen what a conversation asks of the element around it
 * @property {(name: string, detail?: object) => void} emit
 * @property {(text: string) => void} announce
 * @property {(choices: Choice[]) => void} offer
 * @property {(connection: import('./wire.js').Connection) => void} connection
 * @property {(message: any) => void} welcome
 * @property {(message: any) => void} speaks another language from now on
 * @property {(clip: any) => any} fitting chooses among a clip's renditions
 * @property {() => void} changed the state may be another
 */

import { Prefetch } from './prefetch.js';
import { Wire } from './wire.js';

export class Conversation {
  #stage;
  #transcript;
  #screen;
  #wire;
  #prefetch;
  /** @type {import('./wire.js').ConnectionState} */ #line = 'waiting';
  /** Empty until a session has begun. */ #server_state = '';
  /** @type {any} the clip on stage, with its turn and role */ #playing = null;
  /** @type {any} the answer's clip that is still being loaded */ #coming = null;
  #latest = '';
  #running = new Set();
  #cancelled = new Set();
  #said = new Set();
  /** @type {Choice[]} */ #first_choices = [];
  #offered = '';

  /**
   * @param {object} options
   * @param {string} options.server
   * @param {import('./memory.js').Memory} options.memory
   * @param {import('./stage.js').Stage} options.stage
   * @param {import('./transcript.js').Transcript} options.transcript
   * @param {() => string} options.locale
   * @param {Screen} options.screen
   * @param {() => boolean} options.isHidden whether nobody can look at the page at present
   * @param {number} options.prefetch_bytes
   */
  constructor({ server, memory, stage, transcript, locale, isHidden, screen, prefetch_bytes }) {
    this.server = server;
    this.#stage = stage;
    this.#transcript = transcript;
    this.#screen = screen;
    this.#prefetch = new Prefetch(prefetch_bytes);
    this.#wire = new Wire({ server, memory, locale, isHidden });
    this.#wire.onmessage = (message) => this.#hear(message);
    this.#wire.onreject = (id) => this.#transcript.unsent(id);
    this.#wire.onconnection = (connection) => this.#connected(connection);
    stage.onclip = (clip) => this.#onstage(clip);
    stage.onplayback = (event, clip, at_s) => this.#report(event, clip, at_s);
  }

  /** @returns {State} */
  get state() {
    if (this.#playing) return this.#playing.role === 'holding' ? 'thinking' : 'speaking';
    if (this.#line === 'closed') return 'offline';
    if (this.#line !== 'open' || !this.#server_state || (this.#coming?.role === 'greeting' && !this.#running.size)) return 'connecting'; // not before she has spoken
    return this.#coming || this.#running.size || this.#server_state === 'thinking' ? 'thinking' : 'listening';
  }

  get wire() {
    return this.#wire;
  }

  /** Whether there is something that `stop` would stop. */
  get isBusy() {
    return this.#running.size > 0 || this.#coming !== null || (this.#playing !== null && this.#playing.interruptible);
  }

  open() {
    this.#prefetch.rest(false);
    this.#wire.open();
  }

  suspend() {
    this.#prefetch.rest(true);
    this.#wire.suspend();
  }

  /** Somebody looks again: what was to be tried later is tried now. */
  hurry() {
    this.#wire.hurry();
  }

  /** @param {number} bytes that may be fetched ahead in all */
  set prefetch_bytes(bytes) {
    this.#prefetch.budget = bytes;
  }

  /** Falls silent, because nobody can see who speaks. The words stay, and so does what is still being answered. */
  hush() {
    const now = this.#playing ?? this.#coming;
    if (!now) return;
    const { digest, turn } = now;
    if (this.#isOfNow(now)) this.#wire.send('playback', { turn, clip: digest, event: 'ended', at_s: this.#stage.at_s });
    this.#silence();
  }

  #silence() {
    this.#coming = null;
    this.#stage.stop();
    this.#screen.changed();
  }

  /** @param {string} text @param {'text'|'voice'} via */
  ask(text, via) {
    this.#submit('input.text', { text }, text);
    this.#screen.emit('ask', { text, via });
  }

  /** @param {Choice} choice */
  choose({ intent, title }) {
    this.#submit('input.choice', { intent }, title);
    this.#screen.emit('ask', { text: title, intent, via: 'choice' });
  }

  /** The rest of the conversation is in this language. @param {string} locale */
  speak(locale) {
    this.#wire.send('session.update', { id: `locale-${locale}`, locale });
  }

  /** Silence, and no more of what is being answered. */
  stop() {
    const now = this.#playing ?? this.#coming;
    const turns = new Set([...this.#running, ...(now && this.#isOfNow(now) ? [now.turn] : [])]);
    for (const turn of turns) this.#wire.send('response.cancel', { turn });
    for (const turn of this.#running) {
      this.#cancelled.add(turn);
      this.#transcript.update(turn, { outcome: 'cancelled' });
    }
    this.#running.clear();
    this.#server_state = 'listening';
    this.#silence();
  }

  /** The visitor begins to speak or type: the presenter falls silent. What is still being answered goes on. */
  interrupt() {
    const now = this.#playing;
    if (!now?.interruptible || now.role === 'holding') return;
    if (this.#isOfNow(now)) {
      this.#wire.send('response.cancel', { turn: now.turn });
      if (this.#running.delete(now.turn)) this.#cancelled.add(now.turn);
    }
    this.#silence();
  }

  /** @param {any} clip one of the transcript's */
  replay(clip) {
    this.#stage.play({ ...clip, role: 'answer', interruptible: true, is_replay: true });
  }

  /** @param {string} turn @param {'up'|'down'} score */
  rate(turn, score) {
    this.#wire.send('feedback', { turn, score });
    this.#screen.emit('feedback', { turn, score });
  }

  /** Forgets everything and begins anew. */
  reset() {
    this.#silence();
    this.#wire.end();
    this.#transcript.clear();
    for (const known of [this.#running, this.#cancelled, this.#said]) known.clear();
    this.#wire.open();
  }

  #submit(type, body, shown) {
    this.#screen.offer([]);
    this.#screen.announce('');
    const id = this.#wire.submit(type, body);
    this.#transcript.visitor(id, shown);
  }

  // ---- the line

  #connected(connection) {
    this.#line = connection.state;
    this.#screen.connection(connection);
    this.#screen.changed();
  }

  #hear(message) {
    const handler = Object.hasOwn(Conversation.#handlers, message.type) && Conversation.#handlers[message.type];
    const isStopped = this.#cancelled.has(message.turn) && message.type !== 'response.done';
    if (handler && !isStopped) handler(this, message);
    this.#screen.changed();
  }

  /** Other types are of a later minor version and ignored. */
  static #handlers = {
    'session.created': (c, m) => c.#created(m),
    'session.resumed': (c, m) => c.#begin(m),
    'session.updated': (c, m) => c.#updated(m),
    'session.greeting': (c, { text, clip }) => c.#transcript.isUsed || c.#greet(text, clip),
    'response.call': (c, m) => c.#screen.emit('call', m),
    'request.accepted': (c, { ref }) => c.#screen.emit('accepted', { ref }),
    'input.accepted': (c, m) => c.#accepted(m),
    state: (c, m) => (c.#server_state = m.value),
    'clip.prefetch': (c, m) => c.#prefetch.want((m.clips ?? []).map((clip) => c.#address(clip.url ? c.#screen.fitting(clip).url : clip))),
    'response.clip': (c, m) => c.#clip(m),
    'response.text.delta': (c, m) => c.#transcript.delta(m.turn, m.delta),
    'response.text.done': (c, m) => c.#words(m.turn, m.text, m.card ? { card: m.card } : {}),
    'response.choices': (c, m) => c.#choices(m),
    'response.handover': (c, m) => c.#handover(m),
    'response.done': (c, m) => c.#done(m),
    'session.ending': (c, m) => c.#screen.emit('ending', { reason: m.reason, after_s: m.after_s }),
    error: (c, { code, message, retryable = false, ref }) => c.#screen.emit('error', { code, message, retryable, ref }),
  };

  #created(message) {
    const isFirst = this.#transcript.isEmpty;
    for (const known of [this.#running, this.#cancelled, this.#said]) known.clear(); // turns are numbered anew
    this.#transcript.settle('failed');
    this.#begin(message);
    const { greeting, greeting_text = '' } = message;
    if (!isFirst || !(greeting || greeting_text)) return;
    this.#greet(greeting?.text ?? greeting_text, greeting);
  }

  #greet(text, raw) {
    const clip = this.#clipOf(raw, { role: 'greeting', interruptible: true });
    this.#words('greeting', text, { clip });
    if (clip) this.#play(clip);
    else this.#silence();
  }

  /** Chips of a turn follow in a message of their own. */
  #updated(message) {
    this.#first_choices = message.choices ?? [];
    if (!this.#running.size && (!this.#latest || this.#offered !== this.#latest)) this.#screen.offer(this.#first_choices);
    this.#screen.speaks(message);
  }

  #begin(message) {
    this.#transcript.session = message.session;
    this.#first_choices = message.choices ?? [];
    this.#server_state = 'listening';
    this.#screen.welcome(message);
    const { avatar = {} } = message;
    if (avatar.poster) this.#stage.poster = this.#address(avatar.poster);
    this.#stage.idle(this.#clipOf(avatar.idle), { loops: avatar.loops, of: (clip) => this.#clipOf(clip) });
    if (!this.#running.size) this.#screen.offer(this.#first_choices);
  }

  // ---- a turn

  #accepted({ turn }) {
    this.#latest = turn;
    this.#running.add(turn);
    this.#transcript.turn(turn);
  }

  #clip({ turn, role, source, intent, text, clip: raw, interruptible = true, card }) {
    const clip = this.#clipOf(raw, { turn, role, interruptible, session: this.#transcript.session });
    if (role === 'holding') this.#transcript.update(turn, { holding: text });
    else this.#words(turn, text ?? raw?.text ?? '', { clip, source, intent, card });
    if (clip) this.#play(clip, { when: this.#moment(clip) });
  }

  /** Until the first frame is there, the presenter is at work on the answer, not waiting for a question. */
  async #play(clip, options = {}) {
    this.#coming = clip;
    await this.#stage.play(clip, options);
    this.#came(clip);
  }

  #came(clip) {
    if (this.#coming !== clip) return;
    this.#coming = null;
    this.#screen.changed();
  }

  /** A holding clip gives way between phrases; an answer that comes late, or may not be interrupted, is waited for. */
  #moment({ turn }) {
    const now = this.#playing;
    if (!now || now.is_replay) return 'now';
    if (now.turn === turn && now.role === 'holding') return 'phrase';
    return !now.interruptible || (turn !== this.#latest && now.turn === this.#latest) ? 'end' : 'now';
  }

  #words(turn, text, more) {
    this.#transcript.update(turn, { ...more, ...(text && { text }), final: true });
    if (!text || this.#said.has(turn)) return;
    this.#said.add(turn);
    this.#screen.announce(text);
    if (turn !== 'greeting') this.#screen.emit('answer', { turn, text, intent: more.intent ?? null, source: more.source ?? null });
  }

  #choices({ turn, choices }) {
    this.#offered = turn;
    this.#screen.offer(choices ?? []);
  }

  #handover({ turn, card = null }) {
    if (card) this.#transcript.update(turn, { card });
    this.#screen.emit('handover', { turn, card });
  }

  #done({ turn, outcome }) {
    this.#running.delete(turn);
    if (!this.#running.size) this.#server_state = 'listening';
    const before = this.#transcript.turn(turn).outcome;
    this.#transcript.update(turn, { outcome: before ?? outcome, final: true });
    if (turn === this.#latest && this.#offered !== turn) this.#screen.offer(this.#first_choices);
    this.#screen.emit('done', { turn, outcome });
  }

  // ---- the stage

  #onstage(clip) {
    if (!clip && !this.#playing) return;
    this.#playing = clip;
    if (clip && clip === this.#coming) this.#coming = null;
    const isAnswer = clip !== null && clip.role !== 'holding';
    this.#transcript.speaking(isAnswer ? (clip.turn ?? 'greeting') : null);
    if (clip) this.#screen.emit('speaking', { turn: clip.turn ?? null, role: clip.role, digest: clip.digest ?? null });
    else this.#screen.emit('idle');
    this.#screen.changed();
  }

  #report(event, clip, at_s) {
    const { turn, digest, is_replay = false } = /** @type {any} */ (clip);
    if (this.#isOfNow(clip)) this.#wire.send('playback', { turn, clip: digest, event, at_s });
    this.#screen.emit('playback', { turn: turn ?? null, clip: digest ?? null, event, at_s, is_replay });
  }

  /** Whether a clip belongs to a turn of this session: another one's turns have the same names. */
  #isOfNow({ turn, session, is_replay }) {
    return Boolean(turn) && !is_replay && session === this.#transcript.session;
  }

  #clipOf(clip, more = {}) {
    if (!clip?.url) return null;
    const { url, poster, ...rest } = this.#screen.fitting(clip);
    return { ...rest, ...more, url: this.#address(url), poster: poster ? this.#address(poster) : null };
  }

  #address(url) {
    // A path is one of the server, which may itself live under a path.
    return new URL(url.startsWith('/') && !url.startsWith('//') ? `.${url}` : url, this.server).href;
  }
}
