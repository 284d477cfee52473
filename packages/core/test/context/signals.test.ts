import { settled, warningsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { component, Component, Context, provides, Signal, SignalEvent, startApplication, token } from '@asphalt/core';

class Posted extends SignalEvent {}

class Feed {
  readonly posted = new Signal(Posted);
}

const News = token<Feed>('News');

/** Adds a subscriber that throws and one that records its notifications. */
function listen(feed: Feed): string[] {
  const notifications: string[] = [];
  feed.posted.subscribe(() => {
    throw new Error('broken');
  });
  feed.posted.subscribe({
    next: (event) => notifications.push(event.topic),
    complete: () => notifications.push('completed'),
  });
  return notifications;
}

describe('the signals of a resource belong to the context that owns it', () => {
  test('and complete when it closes, for published values and for values of sync and async factories', async () => {
    const context = new Context('request');
    const notifications: string[][] = [];
    const disposed: string[] = [];
    const feeds = [new Feed()];
    context.addResource([Feed, News], feeds[0]!, { dispose: () => disposed.push(notifications[0]!.join()) });
    context.addResourceFactory(Feed, () => new Feed(), { name: 'now' });
    context.addResourceFactory(Feed, async () => (await settled(), new Feed()), { name: 'soon' });
    context.addResourceFactory(
      Feed,
      function* () {
        yield new Feed();
        disposed.push(notifications[3]!.join());
      },
      { name: 'yielded' },
    );
    for (const name of ['now', 'soon', 'yielded']) feeds.push(await context.getResource(Feed, name));
    expect(feeds.map(({ posted }) => String(posted))).toEqual([
      'Feed.posted',
      'Feed "now".posted',
      'Feed "soon".posted',
      'Feed "yielded".posted',
    ]);
    const warnings = await warningsOf(() => {
      for (const feed of feeds) {
        notifications.push(listen(feed));
        const event = new Posted();
        feed.posted.dispatch(event);
        expect(event.source).toBe(feed);
      }
    });
    expect(warnings).toHaveLength(4);
    await context.close();
    expect(notifications).toEqual(Array.from({ length: 4 }, () => ['posted', 'completed']));
    expect(disposed).toEqual(['posted,completed', 'posted,completed']);
    expect(feeds.some(({ posted }) => posted.observed)).toBe(false);
  });

  test('except signals that existed before the factory was called, which others may use', async () => {
    const application = new Context('application');
    const [shared, own] = [new Signal<string>(), token<Record<string, Signal<string>>>('own')];
    application.addResourceFactory(own, async () => (await settled(), { shared, made: new Signal<string>() }));
    const notifications: string[] = [];
    shared.subscribe({
      next: (event) => notifications.push(event),
      complete: () => notifications.push('shared completed'),
    });
    for (let number = 1; number <= 2; number++) {
      await application.run(async (request) => {
        const { made } = await request.getResource(own);
        made!.subscribe({ complete: () => notifications.push(`${String(made)} completed`) });
        shared.dispatch(`event ${number}`);
      });
    }
    expect(notifications).toEqual(['event 1', 'own.made completed', 'event 2', 'own.made completed']);
    await application.close();
    expect([String(shared), shared.observed]).toEqual(['a signal', true]);
  });

  test('and keep their first owner when another context publishes the resource too', async () => {
    const [outer, inner] = [new Context('outer'), new Context('inner')];
    const feed = new Feed();
    outer.addResource(Feed, feed);
    inner.addResource(Feed, feed);
    const notifications: string[] = [];
    feed.posted.subscribe({ complete: () => notifications.push('completed') });
    await inner.close();
    expect(notifications).toEqual([]);
    await outer.close();
    expect(notifications).toEqual(['completed']);
  });

  test('and report failing subscribers to the application of the context', async () => {
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
      feed.posted.dispatch(new Posted());
    });
    app.context.resourceAdded.subscribe(() => {
      throw new Error('not added');
    });
    app.context.addResource(News, new Feed());
    expect(errors).toMatchObject([
      { code: 'ERR_SUBSCRIBER', owner: 'Feed', signal: 'posted', cause: { message: 'broken' } },
      { code: 'ERR_SUBSCRIBER', owner: 'context App', signal: 'resourceAdded', cause: { message: 'not added' } },
    ]);
  });
});
