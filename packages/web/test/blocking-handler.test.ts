import { once } from 'node:events';
import { Component, component, inject, silentLogger, startApplication } from '@asphalt/core';
import { delayText, Watchdog, type Delay } from '@asphalt/watchdog';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { webSocket } from '../src/sockets/web-socket.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { afterAwait, chat, guard, late, report, shared } from './blocking/handlers.ts';
import { connect } from './socket-client.ts';

@component()
class Api extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override async start(): Promise<void> {
    this.web.get('/report', report);
    this.web.post('/report', shared('posted'));
    this.web.get('/late', late);
    this.web.get('/chat', webSocket(chat));
    this.web.get('/one', shared('one'));
    this.web.use('/admin/*', guard);
    this.web.get('/admin/users', (c) => c.text('users'));
    await Promise.resolve();
    this.web.get('/unknown', afterAwait);
  }
}

@component()
class Other extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/two', shared('two'));
  }
}

@component({ components: { web: WebComponent, api: Api, other: Other } })
class App extends Component {}

let url: string;
let watchdog: Watchdog;

beforeAll(async () => {
  const application = await startApplication(App, {
    logger: silentLogger,
    config: { components: { web: { port: 0 } } },
  });
  ({ url } = (await application.context.getResource(WebApp)) as { url: string });
  watchdog = await Watchdog.start({ application });
  return async () => {
    await watchdog.stop();
    await application.stop();
  };
});

/** Returns the delays whose code is in the file of the blocking function. */
async function delaysOf(run: () => Promise<unknown>): Promise<Delay[]> {
  const delays: Delay[] = [];
  const subscription = watchdog.delayed.subscribe((delay) => {
    if (delay.place?.file.endsWith('block.ts')) delays.push(delay);
  });
  onTestFinished(() => subscription.unsubscribe());
  await run();
  await watchdog.settled();
  return delays;
}

const api = { path: 'api', type: 'Api' };

test.each([
  ['GET', '/report', { component: api, purpose: 'GET /report' }],
  ['GET', '/late', { component: api, purpose: 'GET /late' }],
  ['GET', '/admin/users', { component: api, purpose: 'middleware of /admin/*' }],
])(
  'the watchdog blames the component and the route of a handler in another file: %s %s',
  async (method, path, blamed) => {
    const [delay] = await delaysOf(() => fetch(`${url}${path}`, { method }));
    expect(delay).toMatchObject(blamed);
    expect(delayText(delay!)).toMatch(
      /^crunch\(\) at .*block\.ts:\d+, of component `api` \(Api\) in .* blocked the event loop/,
    );
  },
);

test('it blames neither if a function is the handler of several components', async () => {
  const [delay] = await delaysOf(() => fetch(`${url}/two`));
  expect(delay).toMatchObject({ component: undefined, purpose: undefined });
});

test('it blames the route also if its component is unknown', async () => {
  const [delay] = await delaysOf(() => fetch(`${url}/unknown`));
  expect(delay).toMatchObject({ component: undefined, purpose: 'GET /unknown' });
  expect(delayText(delay!)).toMatch(/^crunch\(\) at .*block\.ts:\d+, in GET \/unknown, blocked the event loop/);
});

test('it blames the component and the route of a message', async () => {
  const { socket } = await connect(`${url}/chat`);
  const [delay] = await delaysOf(async () => {
    socket.send('block');
    socket.ping();
    await once(socket, 'pong');
  });
  expect(delay).toMatchObject({ component: api, purpose: 'GET /chat' });
});
