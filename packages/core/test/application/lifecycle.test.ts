import { describe, expect, test } from 'vitest';
import {
  Application,
  Component,
  component,
  inject,
  planApplication,
  provides,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { Gate, settled } from './gate.ts';

const A = token<string>('A');
const B = token<string>('B');

/** An application and what it tells of its steps and lookups, in words. */
async function observed(root: ComponentClass): Promise<{ app: Application; told: string[] }> {
  const app = new Application(await planApplication(root));
  const told: string[] = [];
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
    if (text !== undefined) told.push(text);
  });
  return { app, told };
}

describe('the life cycle tells', () => {
  test('when each step begins, lets others run, and ends', async () => {
    const gate = new Gate();
    class Sql extends Component {
      @provides(A)
      async connect(): Promise<string> {
        await gate.opened;
        return 'connected';
      }
    }
    @component({ components: { sql: Sql } })
    class App extends Component {
      @inject(A) readonly sql!: string;
      override ready(): void {}
    }
    const { app, told } = await observed(App);
    const started = app.start();
    await settled();
    expect(told.splice(0)).toEqual([
      'sql construct begun',
      'sql construct ended',
      'sql connect begun',
      'sql connect pending',
    ]);
    gate.open();
    await started;
    expect(told).toEqual([
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

  test('that a step has ended when it fails', async () => {
    class App extends Component {
      override start(): Promise<void> {
        return Promise.reject(new Error('no'));
      }
    }
    const { app, told } = await observed(App);
    await expect(app.start()).rejects.toThrow('no');
    expect(told).toEqual(['construct begun', 'construct ended', 'start begun', 'start pending', 'start ended']);
  });

  test('which step waits for a key by hand, and which one published it', async () => {
    const gate = new Gate();
    class Waiting extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(A);
        // It is there already.
        await this.context.getResource(A);
        expect(this.context.findResource(B)).toBeUndefined();
      }
    }
    class Source extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        this.context.addResource(A, 'a');
      }
    }
    @component({ components: { waiting: Waiting, source: Source } })
    class App extends Component {}
    const { app, told } = await observed(App);
    const started = app.start();
    await settled();
    gate.open();
    await started;
    expect(told.filter((text) => /waits|found|published/.test(text))).toEqual([
      'waiting start waits for A',
      'source start published A',
      'waiting start found A of source start',
      'waiting start found A of source start',
    ]);
    await app.stop();
  });

  test('of no step where several are under way, and of no publisher where nobody in the graph is one', async () => {
    const gate = new Gate();
    const outside = token<string>('outside');
    class Several extends Component {
      @provides(A)
      async a(): Promise<string> {
        await gate.opened;
        return this.context.getResource(outside);
      }
      @provides(B)
      async b(): Promise<string> {
        await gate.opened;
        return 'b';
      }
    }
    // Without it, a deadlock would end the start.
    const release = new Gate();
    class Busy extends Component {
      override start(): Promise<void> {
        return release.opened;
      }
    }
    @component({ components: { busy: Busy, several: Several } })
    class App extends Component {}
    const { app, told } = await observed(App);
    const started = app.start();
    await settled();
    gate.open();
    await settled();
    app.context.addResource(outside, 'here');
    release.open();
    await started;
    await app.stop();
    expect(told.filter((text) => /waits|found/.test(text))).toEqual([
      'undefined waits for outside',
      'several a found outside of undefined',
    ]);
  });

  test('nothing costs an event where nobody listens', async () => {
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
