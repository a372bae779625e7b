/** The demo page's own behaviour: questions to try, the address to embed, links that lead nowhere here. */

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

export {};
