import { errorOf, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { Component, Context, on, provides, Signal, startApplication, token } from '@asphalt/core';

test('a context has its name with a number, which it keeps', async () => {
  await using root = new Context('root');
  const first = root.child('request');
  const second = root.child('request');
  expect([first.ids, second.ids, first.ids]).toEqual([
    { context: 'request#1' },
    { context: 'request#2' },
    { context: 'request#1' },
  ]);
  expect(root.ids).toEqual({});
  await first.close();
  await second.close();
});

test('a context inherits the ids that were set on its parents', async () => {
  await using root = new Context('root');
  const request = root.child('request');
  const step = request.child('step');
  request.setId('request', 'r-17');
  step.setId('step', 'a');
  expect(step.ids).toEqual({ context: 'step#1', request: 'r-17', step: 'a' });
  expect(request.ids).toEqual({ context: 'request#2', request: 'r-17' });
  await step.close();
  await request.close();
});

test.each(['context', ''])('the kind %j of an id is refused', async (kind) => {
  await using root = new Context('root');
  const refused = await errorOf(() => root.setId(kind, 'r-17'));
  expect(refused.message).toMatchSnapshot();
  expect(root.ids).toEqual({});
});

test('each event has an id of its own, and a component has those of the application', async () => {
  const Source = token<{ changed: Signal<void> }>('Source');
  const ids: object[] = [];
  class App extends Component {
    @provides(Source)
    source(): { changed: Signal<void> } {
      return { changed: new Signal<void>() };
    }
    @on(Source, (source) => source.changed)
    take(_: void, context: Context): void {
      ids.push(context.ids);
    }
    override start(): void {
      ids.push(this.context.ids);
    }
  }
  const application = await startApplication(App);
  application.context.setId('service', 'shop');
  const { changed } = application.context.getResourceSync(Source);
  changed.dispatch();
  changed.dispatch();
  await settled();
  expect(ids).toEqual([{}, { context: 'App.take#1', service: 'shop' }, { context: 'App.take#2', service: 'shop' }]);
  await application.stop();
});
