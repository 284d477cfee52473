// Updates an open page: inserts changes and replaces cards that the server sends, and refreshes relative times.

const mostEntries = 200;
const feed = document.getElementById('feed');
const announcer = document.getElementById('announcer');
const arrivals = document.getElementById('arrivals');
const connection = document.getElementById('connection');
const title = document.title;
let unseen = 0;

/** Formats a time exactly as src/relative-time.ts does. */
function relativeTime(at, now) {
  const seconds = Math.round(Math.abs(at - now) / 1000);
  if (seconds < 1) return at <= now ? 'just now' : 'now';
  const days = Math.floor(seconds / 86400);
  const span =
    seconds < 60
      ? `${seconds} s`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} min`
        : seconds < 86400
          ? `${Math.floor(seconds / 3600)} h`
          : `${days} ${days === 1 ? 'day' : 'days'}`;
  return at < now ? `${span} ago` : `in ${span}`;
}

function tellTimes() {
  const now = Date.now();
  for (const element of document.querySelectorAll('time[data-relative]')) {
    const text = relativeTime(Date.parse(element.dateTime), now);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Parses HTML of the server, which has escaped all foreign text. The page's security policy forbids foreign scripts. */
function elementOf(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function showConnection(state, word) {
  if (connection === null) return;
  connection.dataset.state = state;
  connection.querySelector('.word').textContent = word;
}

function showUnseen() {
  document.title = unseen > 0 && document.hidden ? `(${unseen}) ${title}` : title;
  const above = unseen > 0 && scrollY > 160;
  arrivals.hidden = !above;
  arrivals.textContent = `${unseen} new ${unseen === 1 ? 'change' : 'changes'} ↑`;
}

function seeAll() {
  if (!document.hidden && scrollY <= 160) unseen = 0;
  showUnseen();
}

function addChange({ id, page, title: name, summary, html }) {
  if (feed === null || (feed.dataset.page !== '' && feed.dataset.page !== page)) return;
  if (document.getElementById(`change-${id}`) !== null) return;
  const entry = elementOf(html);
  entry.classList.add('fresh');
  feed.prepend(entry);
  while (feed.childElementCount > mostEntries) feed.lastElementChild.remove();
  announcer.textContent = `${name}: ${summary}`;
  unseen += 1;
  seeAll();
}

function replaceCard({ name, html }) {
  const card = document.getElementById(`page-${name}`);
  if (card === null) return;
  // Replacing the focused element would move the user's focus to the top of the page.
  const focused = [...card.querySelectorAll('a')].indexOf(document.activeElement);
  const fresh = elementOf(html);
  card.replaceWith(fresh);
  if (focused >= 0) fresh.querySelectorAll('a')[focused]?.focus({ preventScroll: true });
}

function listen(newest) {
  const events = new EventSource(`/events?after=${newest}`);
  events.addEventListener('open', () => showConnection('live', 'Live'));
  events.addEventListener('change', (event) => {
    newest = Number(event.lastEventId);
    addChange(JSON.parse(event.data));
  });
  events.addEventListener('page', (event) => replaceCard(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    showConnection('lost', 'Reconnecting');
    // After some responses, such as a proxy's 502, a browser does not reconnect.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000, newest);
  });
  addEventListener('pagehide', () => events.close(), { once: true });
}

tellTimes();
setInterval(tellTimes, 1000);
if (document.body.dataset.live !== undefined) {
  listen(Number(document.body.dataset.live));
  // A page that the browser restores from its cache has lost its stream.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
}
if (arrivals !== null) {
  addEventListener('scroll', seeAll, { passive: true });
  document.addEventListener('visibilitychange', seeAll);
  arrivals.addEventListener('click', () => scrollTo({ top: 0, behavior: 'smooth' }));
}
