/** The demo page's own behaviour: questions to try, how far filming is, the address to embed, links that lead nowhere here. */

const chat = /** @type {any} */ (document.querySelector('greenroom-chat'));
const toast = /** @type {HTMLElement} */ (document.querySelector('#toast'));
const base = /** @type {HTMLElement} */ (document.querySelector('#origin'));
let hide;

base.textContent = new URL('./', location.href).href;

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-ask]'))) {
  button.addEventListener('click', () => {
    chat.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    chat.ask(button.dataset.ask);
  });
}

chat.addEventListener('greenroom:link', (event) => {
  const url = new URL(event.detail.url);
  if (url.origin !== location.origin) return;
  event.preventDefault();
  toast.textContent = `On the real site this opens ${url.pathname}`;
  toast.classList.add('shown');
  clearTimeout(hide);
  hide = setTimeout(() => toast.classList.remove('shown'), 4000);
});

const warming = document.querySelector('#warming');
const LOOK_EVERY_MS = 3000;

/**
 * Show how far the filming behind the server is, until it is over. No live region: nobody wants sixty announcements.
 * @param {Element} line
 */
async function followWarming(line) {
  try {
    const told = await (await fetch('demo/progress.json', { cache: 'no-store' })).json();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-filming]'))) {
      if (told.waiting.includes(button.dataset.ask)) continue;
      delete button.dataset.unfilmed;
      delete button.dataset.filming;
      /** @type {HTMLElement} */ (button.querySelector('small')).textContent = 'Filmed and waiting';
    }
    line.textContent = `${told.filmed} of ${told.clips} answers are filmed`;
    if (!told.going_on) {
      line.classList.add('over');
      return;
    }
  } catch {
    // The server restarts, or the network is away: look again.
  }
  setTimeout(() => followWarming(line), LOOK_EVERY_MS);
}

if (warming) followWarming(warming);

export {};
