import { Deferred, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  Component,
  component,
  inject,
  provides,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

const A = token<string>('A');
const B = token<string>('B');

/** Creates an application and collects its events about steps and lookups as text. */
async function observed(root: ComponentClass): Promise<{ app: Application; texts: string[] }> {
  const app = new Application(await planApplication(root));
  const texts: string[] = [];
  const nameOf = (step: number | 'ready' | undefined): string => {
    if (typeof step !== 'number') return String(step);
    const { node, kind, provider } = app.plan.steps[step]!;
    return `${node.path} ${provider ? String(provider.declaration.member) : kind}`.trim();
  };
  const textOf = (event: LifecycleEvent): string | undefined => {
    switch (event.type) {
      case 'step':
        return `${event.step === 'ready' ? `${event.component.path} ready`.trim() : nameOf(event.step)} ${event.state}`;
      case 'waiting':
        return `${nameOf(event.step)} waits for ${String(event.key.id)}`;
      case 'published':
        return `${nameOf(event.step)} published ${event.keys.map(({ id }) => String(id)).join()}`;
      case 'found':
        return `${nameOf(event.step)} found ${String(event.key.id)} of ${nameOf(event.publisher)}`;
      default:
        return undefined;
    }
  };
  app.lifecycle.subscribe((event) => {
    const text = textOf(event);
    if (text !== undefined) texts.push(text);
  });
  return { app, texts };
}

describe('lifecycle events', () => {
  test('step events report the start, the pending state and the end of each step', async () => {
    const gate = new Deferred();
    class Sql extends Component {
      @provides(A)
      async connect(): Promise<string> {
        await gate.promise;
        return 'connected';
      }
    }
    @component({ components: { sql: Sql } })
    class App extends Component {
      @inject(A) readonly sql!: string;
      override ready(): void {}
    }
    const { app, texts } = await observed(App);
    const started = app.start();
    await settled();
    expect(texts.splice(0)).toEqual([
      'sql construct begun',
      'sql construct ended',
      'sql connect begun',
      'sql connect pending',
    ]);
    gate.resolve();
    await started;
    expect(texts).toEqual([
      'sql connect ended',
      'construct begun',
      'construct ended',
      'start begun',
      'start ended',
      'ready begun',
      'ready ended',
    ]);
    await app.stop();
  });

  test('a step that fails emits an ended event', async () => {
    class App extends Component {
      override start(): Promise<void> {
        return Promise.reject(new Error('no'));
      }
    }
    const { app, texts } = await observed(App);
    await expect(app.start()).rejects.toThrow('no');
    expect(texts).toEqual(['construct begun', 'construct ended', 'start begun', 'start pending', 'start ended']);
  });

  test('waiting and found events name the step that waits and the step that published the key', async () => {
    const gate = new Deferred();
    class Waiting extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(A);
        // The key is already published.
        await this.context.getResource(A);
        expect(this.context.findResource(B)).toBeUndefined();
      }
    }
    class Source extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        this.context.addResource(A, 'a');
      }
    }
    @component({ components: { waiting: Waiting, source: Source } })
    class App extends Component {}
    const { app, texts } = await observed(App);
    const started = app.start();
    await settled();
    gate.resolve();
    await started;
    expect(texts.filter((text) => /waits|found|published/.test(text))).toEqual([
      'waiting start waits for A',
      'source start published A',
      'waiting start found A of source start',
      'waiting start found A of source start',
    ]);
    await app.stop();
  });

  test('events name no step if several are running, and no publisher if no component published the key', async () => {
    const gate = new Deferred();
    const outside = token<string>('outside');
    class Several extends Component {
      @provides(A)
      async a(): Promise<string> {
        await gate.promise;
        return this.context.getResource(outside);
      }
      @provides(B)
      async b(): Promise<string> {
        await gate.promise;
        return 'b';
      }
    }
    @component({ components: { several: Several } })
    class App extends Component {}
    const { app, texts } = await observed(App);
    const started = app.start();
    await settled();
    gate.resolve();
    await settled();
    app.context.addResource(outside, 'here');
    await started;
    await app.stop();
    expect(texts.filter((text) => /waits|found/.test(text))).toEqual([
      'undefined waits for outside',
      'several a found outside of undefined',
    ]);
  });

  test('no event is created without subscribers', async () => {
    class App extends Component {}
    const app = new Application(await planApplication(App));
    const dispatched: unknown[] = [];
    const { lifecycle } = app;
    lifecycle.dispatch = (event) => void dispatched.push(event);
    await app.start();
    await app.stop();
    expect(dispatched).toEqual([]);
  });
});
