import { describe, expect, test } from 'vitest';
import { component, Component, Context, provides, Signal, SignalEvent, startApplication, token } from '@asphalt/core';
import { warningsOf } from '../errors/failure-of.ts';
import { settled } from './held.ts';

class Told extends SignalEvent {}

class Feed {
  readonly told = new Signal(Told);
}

const News = token<Feed>('News');

/** Subscribes with something that throws and with something that writes down what comes. */
function listen(feed: Feed): string[] {
  const heard: string[] = [];
  feed.told.subscribe(() => {
    throw new Error('broken');
  });
  feed.told.subscribe({ next: (event) => heard.push(event.topic), complete: () => heard.push('completed') });
  return heard;
}

describe('the signals of a resource belong to the context that owns it', () => {
  test('be it published, made by a factory, at once or later: they complete when it closes', async () => {
    const context = new Context('request');
    const heard: string[][] = [];
    const disposed: string[] = [];
    const feeds = [new Feed()];
    context.addResource([Feed, News], feeds[0]!, { dispose: () => disposed.push(heard[0]!.join()) });
    context.addResourceFactory(Feed, () => new Feed(), { name: 'now' });
    context.addResourceFactory(Feed, async () => (await settled(), new Feed()), { name: 'soon' });
    context.addResourceFactory(
      Feed,
      function* () {
        yield new Feed();
        disposed.push(heard[3]!.join());
      },
      { name: 'yielded' },
    );
    for (const name of ['now', 'soon', 'yielded']) feeds.push(await context.getResource(Feed, name));
    expect(feeds.map(({ told }) => String(told))).toEqual([
      'Feed.told',
      'Feed "now".told',
      'Feed "soon".told',
      'Feed "yielded".told',
    ]);
    const warnings = await warningsOf(() => {
      for (const feed of feeds) {
        heard.push(listen(feed));
        const event = new Told();
        feed.told.dispatch(event);
        expect(event.source).toBe(feed);
      }
    });
    expect(warnings).toHaveLength(4);
    await context.close();
    expect(heard).toEqual(Array.from({ length: 4 }, () => ['told', 'completed']));
    expect(disposed).toEqual(['told,completed', 'told,completed']);
    expect(feeds.some(({ told }) => told.observed)).toBe(false);
  });

  test('except those that were there before the factory was called, which may serve others', async () => {
    const application = new Context('application');
    const [shared, own] = [new Signal<string>(), token<Record<string, Signal<string>>>('own')];
    application.addResourceFactory(own, async () => (await settled(), { shared, made: new Signal<string>() }));
    const heard: string[] = [];
    shared.subscribe({ next: (event) => heard.push(event), complete: () => heard.push('shared completed') });
    for (let number = 1; number <= 2; number++) {
      await application.run(async (request) => {
        const { made } = await request.getResource(own);
        made!.subscribe({ complete: () => heard.push(`${String(made)} completed`) });
        shared.dispatch(`event ${number}`);
      });
    }
    expect(heard).toEqual(['event 1', 'own.made completed', 'event 2', 'own.made completed']);
    await application.close();
    expect([String(shared), shared.observed]).toEqual(['a signal', true]);
  });

  test('and stay with their first owner', async () => {
    const [outer, inner] = [new Context('outer'), new Context('inner')];
    const feed = new Feed();
    outer.addResource(Feed, feed);
    inner.addResource(Feed, feed);
    const heard: string[] = [];
    feed.told.subscribe({ complete: () => heard.push('completed') });
    await inner.close();
    expect(heard).toEqual([]);
    await outer.close();
    expect(heard).toEqual(['completed']);
  });

  test('under an application, whose subscribers that fail it hears of', async () => {
    const errors: unknown[] = [];
    class Feeds extends Component {
      @provides(Feed, { scope: 'context' }) feed(): Feed {
        return new Feed();
      }
    }
    @component({ components: { feeds: Feeds } })
    class App extends Component {}
    await using app = await startApplication(App, { onError: (error) => errors.push(error) });
    await app.context.run((context) => {
      const feed = context.getResourceSync(Feed);
      listen(feed);
      feed.told.dispatch(new Told());
    });
    app.context.resourceAdded.subscribe(() => {
      throw new Error('not added');
    });
    app.context.addResource(News, new Feed());
    expect(errors).toMatchObject([
      { code: 'ERR_SUBSCRIBER', owner: 'Feed', signal: 'told', cause: { message: 'broken' } },
      { code: 'ERR_SUBSCRIBER', owner: 'context App', signal: 'resourceAdded', cause: { message: 'not added' } },
    ]);
  });
});
