/** What the widget shares with the page beyond its words: loaded when the page, a card or a rating asks for it. */

/** Attributes that ask. @param {string} name */
export const asks = (name) => /^(consent|teaser|handover|take-along|data-context-)/.test(name);

/** @type {WeakMap<Element, Partner>} */
const partners = new WeakMap();

export class Partner {
  /** @type {{context?: object, functions?: object}} the page's properties */ given = {};
  /** @type {import('./page.js').Page|undefined} once it is loaded */ page;
  /** @type {Promise<import('./page.js').Page>|undefined} */ #loading;
  /** @type {import('./page.js').Tools|undefined} */ tools;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    partners.set(host, this);
    // Here, not in the module: a call may come while that is loaded, or where the page gave no function at all.
    host.addEventListener('greenroom:call', (/** @type {any} */ { detail }) => this.use((page) => page.answer(detail)));
  }

  get #isAsked() {
    return Object.keys(this.given).length > 0 || this.host.getAttributeNames().some(asks);
  }

  /** Begins, if the page asks for it. @param {import('./page.js').Tools} tools */
  begin(tools) {
    this.tools = tools;
    if (this.#isAsked) this.use((page) => page.follow());
  }

  /** @param {(page: import('./page.js').Page) => void} act called with the module, if it can be loaded */
  async use(act) {
    const { host, tools, given } = this;
    if (!tools) return;
    this.#loading ??= import('./page.js').then(({ Page }) => (this.page = new Page(host, tools, given)));
    const page = await this.#loading.catch(() => {
      this.#loading = undefined;
      tools.body.notices.say('problem', ['retry', tools.connect]);
    });
    if (page) act(page);
  }

  /** Whether a conversation has to wait: for the module that the page asks for, or for the visitor's yes. */
  waits() {
    if (this.page) return this.page.waits();
    if (this.#isAsked) this.use(() => this.tools?.connect());
    return this.#isAsked;
  }

  /** @type {Record<string, unknown>|undefined} what the page tells of its visitor */
  get context() {
    return this.page?.context;
  }
}

/** Gives a class the properties that are no attributes. @param {typeof HTMLElement} element */
export function share({ prototype }) {
  for (const name of ['context', 'functions']) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        return partners.get(this)?.given[name];
      },
      set(value) {
        const partner = /** @type {Partner} */ (partners.get(this));
        partner.given[name] = value;
        partner.use((page) => page.follow());
      },
    });
  }
}
