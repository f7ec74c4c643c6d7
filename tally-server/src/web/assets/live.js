/**
 * The pages' only script, sent as it stands: when the province takes a slip, the page is fetched again and its main
 * part replaced. Without it every page shows the same numbers and is renewed by hand.
 */

/** A night of arrivals is many slips a second: the page is fetched at most this often. */
const REFRESH_INTERVAL_MS = 700;

/** @param {ParentNode} root @param {string} selector @returns {HTMLElement[]} */
const all = (root, selector) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
/** @param {ParentNode} root */
const filterField = (root) => /** @type {HTMLInputElement | null} */ (root.querySelector('[data-filter]'));

/** @param {boolean} on */
function showLive(on) {
  const badge = all(document, '[data-live]')[0];
  if (badge === undefined) return;
  badge.hidden = false;
  badge.textContent = (on ? badge.dataset.on : badge.dataset.off) ?? '';
  badge.classList.toggle('lost', !on);
}

function applyFilter() {
  const wanted = filterField(document)?.value.trim().toLowerCase() ?? '';
  for (const row of all(document, '[data-search]'))
    row.hidden = wanted !== '' && !(row.dataset.search ?? '').includes(wanted);
}

function prepare() {
  for (const one of all(document, '[data-needs-script]')) one.hidden = false;
  applyFilter();
}

/**
 * What a reader has opened or typed stays as it is while the numbers move.
 * @param {Document} next
 */
function replaceMain(next) {
  const main = document.querySelector('main');
  const nextMain = next.querySelector('main');
  if (main === null || nextMain === null) return;
  const before = new Map(all(main, '[data-key]').map((one) => [one.dataset.key, one.textContent]));
  for (const details of all(main, 'details[open][id]'))
    nextMain.querySelector(`details[id="${CSS.escape(details.id)}"]`)?.setAttribute('open', '');
  const field = filterField(main);
  const focused = field !== null && document.activeElement === field;
  if (field !== null) filterField(nextMain)?.replaceWith(field);
  main.replaceChildren(...nextMain.childNodes);
  if (focused) field.focus();
  for (const one of all(main, '[data-key]'))
    if (before.has(one.dataset.key) && before.get(one.dataset.key) !== one.textContent)
      one.classList.add('changed');
  prepare();
}

let waiting = false;
let again = false;
async function refresh() {
  if (waiting) {
    again = true;
    return;
  }
  waiting = true;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (response.ok) replaceMain(new DOMParser().parseFromString(await response.text(), 'text/html'));
  } catch {
    showLive(false);
  }
  setTimeout(() => {
    waiting = false;
    if (!again) return;
    again = false;
    void refresh();
  }, REFRESH_INTERVAL_MS);
}

/** @param {string} path */
function follow(path) {
  // What the page was made from: the first event says whether it has missed anything since.
  let state = document.querySelector('[data-state]')?.getAttribute('data-state');
  const events = new EventSource(path);
  events.addEventListener('totals', (event) => {
    showLive(true);
    if (event.data !== state) void refresh();
    state = event.data;
  });
  events.addEventListener('error', () => showLive(false));
}

document.addEventListener('input', (event) => {
  if (event.target instanceof HTMLInputElement && 'filter' in event.target.dataset) applyFilter();
});
prepare();
if (document.body.dataset.events !== undefined) follow(document.body.dataset.events);
