// Progress by server-sent events. The server has the state: after a reload or a broken line the page is told all of it.

export function live() {
  for (const box of document.querySelectorAll('[data-live]')) {
    if (box instanceof HTMLElement && box.dataset.live) follow(box, box.dataset.live);
  }
}

/**
 * @param {HTMLElement} box
 * @param {string} address
 */
function follow(box, address) {
  const source = new EventSource(address);
  source.onmessage = ({data}) => {
    const told = JSON.parse(data);
    show(box, told);
    if (told.state === 'running') return;
    source.close();
    if (box.dataset.state === 'running') location.reload();
  };
  addEventListener('pagehide', () => source.close());
}

/**
 * @param {HTMLElement} box
 * @param {Record<string, any>} told
 */
function show(box, told) {
  for (const part of box.querySelectorAll('[data-told]')) {
    const value = told[/** @type {HTMLElement} */ (part).dataset.told ?? ''];
    if (part instanceof HTMLProgressElement) part.value = Number(value);
    else if (Array.isArray(value)) fill(part, value);
    else part.textContent = String(value ?? '');
  }
}

/**
 * @param {Element} list
 * @param {string[]} lines
 */
function fill(list, lines) {
  list.replaceChildren(...lines.map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  }));
}
