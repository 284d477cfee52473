import { callingComponent, component, Component, inject, provides, startApplication, token } from '@asphalt/core';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

const Value = token<string>('Value');
const PerContext = token<string>('PerContext');

/** Records the path of the component that calls. */
class Calls {
  readonly paths: Array<string | undefined> = [];

  add(): void {
    this.paths.push(callingComponent()?.path);
  }
}

test('callingComponent() returns the component whose code is running, until that code first waits', async () => {
  const calls = new Calls();

  @component()
  class Piece extends Component {
    constructor() {
      super();
      calls.add();
    }

    override async prepare(): Promise<void> {
      calls.add();
      await nextTurn();
      calls.add();
    }

    @provides(Value)
    value(): string {
      calls.add();
      return 'value';
    }

    @provides(PerContext, { scope: 'context' })
    perContext(): string {
      calls.add();
      return 'per context';
    }

    override start(): void {
      calls.add();
    }

    override ready(): void {
      calls.add();
    }
  }

  @component({ components: { part: Piece } })
  class App extends Component {
    override start(@inject(Value) _value: string): void {
      calls.add();
    }
  }
  const app = await startApplication(App);
  onTestFinished(() => app.stop());
  calls.add();
  await app.context.run((own) => own.getResource(PerContext));
  expect(calls.paths).toEqual(['part', 'part', undefined, 'part', 'part', '', 'part', undefined, 'part']);
});

test('components have indexes in the order of declaration', async () => {
  const indexes = new Map<string, number>();
  const record = (): void => {
    const { path, index } = callingComponent()!;
    indexes.set(path, index);
  };
  @component()
  class Piece extends Component {
    override start(): void {
      record();
    }
  }

  @component()
  class Slow extends Piece {
    override async prepare(): Promise<void> {
      await nextTurn();
    }
  }

  @component({ components: { first: Slow, second: Piece } })
  class App extends Component {}
  const app = await startApplication(App);
  onTestFinished(() => app.stop());
  expect([...indexes.keys()]).toEqual(['second', 'first']);
  expect(indexes.get('first')).toBeLessThan(indexes.get('second')!);
});
