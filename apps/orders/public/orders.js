// Updates the page with the orders and counts that the server sends, and places orders.

const mostOrders = 50;
const feed = document.getElementById('feed');
const announcer = document.getElementById('announcer');
const connection = document.getElementById('connection');
const form = document.getElementById('order-form');
const outcome = document.getElementById('outcome');
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Parses HTML of the server, which has escaped all foreign text. The page's security policy forbids foreign scripts. */
function elementOf(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** Shows a time in the zone of the browser. The server renders it in UTC. */
function showLocalTime(entry) {
  const time = entry.querySelector('time');
  time.textContent = clock.format(new Date(time.dateTime));
}

function showConnection(state, word) {
  connection.dataset.state = state;
  connection.querySelector('.word').textContent = word;
}

/** Shows an order, unless the page shows the same or a later state of it. */
function showOrder({ id, version, placedAt, html }) {
  const shown = document.getElementById(`order-${id}`);
  if (shown !== null && Number(shown.dataset.version) >= version) return;
  const entry = elementOf(html);
  showLocalTime(entry);
  entry.classList.add('fresh');
  if (shown === null) {
    const next = [...feed.children].find((other) => Number(other.dataset.placed) <= placedAt);
    feed.insertBefore(entry, next ?? null);
    while (feed.childElementCount > mostOrders) feed.lastElementChild.remove();
  } else {
    // Replacing the focused element would move the user's focus to the top of the page.
    const isFocused = shown.contains(document.activeElement);
    shown.replaceWith(entry);
    if (isFocused) entry.querySelector('a').focus({ preventScroll: true });
  }
  if (entry.isConnected) announcer.textContent = `Order ${id.slice(0, 8)}: ${entry.dataset.status}`;
}

function showCounts(texts) {
  for (const [name, text] of Object.entries(texts)) {
    const element = document.querySelector(`[data-count="${name}"]`);
    if (element !== null && element.textContent !== text) element.textContent = text;
  }
}

function listen() {
  const events = new EventSource('/events');
  events.addEventListener('open', () => showConnection('live', 'Live'));
  events.addEventListener('order', (event) => showOrder(JSON.parse(event.data)));
  events.addEventListener('counts', (event) => showCounts(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    showConnection('lost', 'Reconnecting');
    // After some responses, such as a proxy's 502, a browser does not reconnect.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
  addEventListener('pagehide', () => events.close(), { once: true });
}

/** The key and the body of a request without a response. The same request again has the same key. */
let unanswered;

async function place() {
  const { product, quantity, email } = Object.fromEntries(new FormData(form));
  const body = JSON.stringify({ email, items: [{ product, quantity: Number(quantity) }] });
  if (unanswered?.body !== body) unanswered = { key: `${Date.now()}-${Math.random()}`, body };
  const headers = { 'content-type': 'application/json', 'idempotency-key': unanswered.key };
  const response = await fetch('/orders', { method: 'POST', headers, body });
  unanswered = undefined;
  if (response.ok) return '';
  const { detail, errors, title } = await response.json().catch(() => ({}));
  return errors?.[0]?.message ?? detail ?? title ?? `The server responded with ${response.status}`;
}

async function submit() {
  const button = form.querySelector('button');
  button.disabled = true;
  outcome.textContent = await place().catch(() => 'The server does not respond. Try again.');
  button.disabled = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});

for (const entry of feed.children) showLocalTime(entry);
listen();
// A page that the browser restores from its cache has lost its stream.
addEventListener('pageshow', (event) => event.persisted && location.reload());
