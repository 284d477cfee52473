/**
 * Moves about in a drawn graph, finds components in it and shows what one needs and is needed for. All that it knows
 * is in the drawing: each component is a `.component` with its index, each arrow a `g.need` with two of them.
 */
{
  const stage = document.querySelector('main');
  const svg = stage.querySelector('svg');
  const search = document.querySelector('#search');
  const found = document.querySelector('#found');
  const details = document.querySelector('#details');

  const components = [...svg.querySelectorAll('.component')].map((element) => {
    const { x, y, width, height } = element.querySelector('.box').getBBox();
    const lines = [...element.querySelectorAll('text')].map(({ textContent }) => textContent);
    return { element, lines, path: element.dataset.path, x, y, width, height };
  });
  const needs = [...svg.querySelectorAll('g.need')].map((element) => ({
    element,
    from: Number(element.dataset.from),
    to: Number(element.dataset.to),
    keys: [...element.querySelectorAll('text')].map(({ textContent }) => textContent),
  }));

  // The part of the drawing that is seen, in its own units.
  const whole = svg.viewBox.baseVal;
  const all = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  let view = all;

  const show = (next) => {
    view = next;
    svg.setAttribute('viewBox', `${view.x} ${view.y} ${view.width} ${view.height}`);
  };

  /** How many units of the drawing one pixel of the screen is. */
  const unitsPerPixel = () => Math.max(view.width / stage.clientWidth, view.height / stage.clientHeight);

  const atPixel = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x: point.x, y: point.y };
  };

  const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 });

  /** Zooms the drawing around a fixed point. */
  const zoom = (factor, around = middle()) => {
    const scale = Math.min(Math.max(unitsPerPixel() * factor, 0.2), 40) / unitsPerPixel();
    show({
      x: around.x - (around.x - view.x) * scale,
      y: around.y - (around.y - view.y) * scale,
      width: view.width * scale,
      height: view.height * scale,
    });
  };

  const move = (pixelsX, pixelsY) => {
    const units = unitsPerPixel();
    show({ ...view, x: view.x - pixelsX * units, y: view.y - pixelsY * units });
  };

  /** Brings a component into the middle, at a size at which it can be read. */
  const lookAt = ({ x, y, width, height }) => {
    const units = Math.min(unitsPerPixel(), 1);
    const size = { width: stage.clientWidth * units, height: stage.clientHeight * units };
    show({ x: x + width / 2 - size.width / 2, y: y + height / 2 - size.height / 2, ...size });
  };

  /** Dims all components and arrows except these. Dims none if the set is empty. */
  const emphasize = (indexes, arrows) => {
    svg.classList.toggle('dimmed', indexes.size > 0);
    components.forEach(({ element }, index) => element.classList.toggle('near', indexes.has(index)));
    for (const need of needs) need.element.classList.toggle('near', arrows.has(need));
  };

  const list = (title, entries) => {
    if (entries.length === 0) return [];
    const heading = document.createElement('h3');
    heading.textContent = title;
    const items = document.createElement('ul');
    for (const { text, index } of entries) {
      const item = items.appendChild(document.createElement('li'));
      const target = index === undefined ? item : item.appendChild(document.createElement('button'));
      target.textContent = text;
      if (index !== undefined) target.addEventListener('click', () => choose(index, true));
    }
    return [heading, items];
  };

  const nameOf = (index) => components[index].path || components[index].lines[0];

  const choose = (index, isFar = false) => {
    components.forEach(({ element }, other) => element.classList.toggle('chosen', other === index));
    details.hidden = index === undefined;
    if (index === undefined) return emphasize(new Set(), new Set());
    const { lines, element } = components[index];
    const outgoing = needs.filter(({ from }) => from === index);
    const incoming = needs.filter(({ to }) => to === index);
    const ends = [...outgoing, ...incoming].flatMap(({ from, to }) => [from, to]);
    emphasize(new Set([index, ...ends]), new Set([...outgoing, ...incoming]));
    const heading = document.createElement('h2');
    heading.textContent = nameOf(index);
    const note = document.createElement('p');
    note.textContent = element.querySelector('title').textContent;
    const provided = lines.filter((line) => line.startsWith('▸')).map((line) => ({ text: line.slice(2) }));
    details.replaceChildren(
      heading,
      note,
      ...list('Provides', provided),
      ...list(
        'Needs',
        outgoing.map(({ to, keys }) => ({ text: `${keys.join(', ')} from ${nameOf(to)}`, index: to })),
      ),
      ...list(
        'Needed by',
        incoming.map(({ from, keys }) => ({ text: `${nameOf(from)}: ${keys.join(', ')}`, index: from })),
      ),
    );
    if (isFar) lookAt(components[index]);
  };

  let matches = [];
  let current = 0;

  const find = () => {
    const wanted = search.value.trim().toLowerCase();
    choose(undefined);
    const fits = ({ path, lines }) => [path, ...lines].some((text) => text.toLowerCase().includes(wanted));
    matches = wanted === '' ? [] : components.flatMap((component, index) => (fits(component) ? [index] : []));
    current = 0;
    emphasize(new Set(matches), new Set());
    if (matches.length > 0) lookAt(components[matches[0]]);
    tell();
  };

  const tell = () => {
    found.value =
      search.value.trim() === '' ? '' : matches.length === 0 ? 'nothing' : `${current + 1} of ${matches.length}`;
  };

  search.addEventListener('input', find);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      search.value = '';
      find();
      search.blur();
    }
    if (event.key !== 'Enter' || matches.length === 0) return;
    // The first Enter selects the current match; further ones select the next, or with Shift the previous match.
    const isChosen = components[matches[current]].element.classList.contains('chosen');
    if (isChosen) current = (current + (event.shiftKey ? matches.length - 1 : 1)) % matches.length;
    choose(matches[current], true);
    tell();
  });

  let dragged;
  stage.addEventListener('pointerdown', (event) => {
    dragged = { x: event.clientX, y: event.clientY, isFar: false };
  });
  stage.addEventListener('pointermove', (event) => {
    if (!dragged || event.buttons === 0) return;
    const [x, y] = [event.clientX - dragged.x, event.clientY - dragged.y];
    if (!dragged.isFar && Math.hypot(x, y) < 4) return;
    if (!dragged.isFar) stage.setPointerCapture(event.pointerId);
    stage.classList.add('dragging');
    move(x, y);
    dragged = { x: event.clientX, y: event.clientY, isFar: true };
  });
  stage.addEventListener('pointerup', () => stage.classList.remove('dragging'));
  stage.addEventListener('click', (event) => {
    // What ends a movement chooses nothing.
    if (dragged?.isFar) return;
    const element = event.target.closest('.component');
    choose(element ? components.findIndex((component) => component.element === element) : undefined);
  });
  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 250), atPixel(event));
    },
    { passive: false },
  );

  const keys = {
    '+': () => zoom(0.8),
    '=': () => zoom(0.8),
    '-': () => zoom(1.25),
    0: () => show(all),
    ArrowLeft: () => move(80, 0),
    ArrowRight: () => move(-80, 0),
    ArrowUp: () => move(0, 80),
    ArrowDown: () => move(0, -80),
    Escape: () => choose(undefined),
    '/': () => search.focus(),
  };
  document.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (event.target === search || event.ctrlKey || event.metaKey || event.altKey || !act) return;
    event.preventDefault();
    act();
  });
  document.querySelector('#larger').addEventListener('click', keys['+']);
  document.querySelector('#smaller').addEventListener('click', keys['-']);
  document.querySelector('#whole').addEventListener('click', keys[0]);
}
