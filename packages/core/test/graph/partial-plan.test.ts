import {
  Application,
  Component,
  component,
  defineConfig,
  inject,
  on,
  provides,
  ResourceNotFoundError,
  Signal,
  task,
  type ComponentClass,
} from '@asphalt/core';
import { partialPlan, planApplication, type Plan, type Provider } from '@asphalt/core/inspect';
import { expect, onTestFinished, test } from 'vitest';

class Secrets {}
class Pool {}
class Cache {}
class Schema {
  constructor(readonly pool: Pool) {}
}
class Ticks {
  readonly ticked = new Signal<number>();
}

const calls: string[] = [];

const poolOptions = defineConfig({ size: { doc: 'Connections', format: 'int', default: 1 } });

@component({ config: poolOptions })
class PoolComponent extends Component<typeof poolOptions> {
  #pool!: Pool;

  override prepare(@inject(Secrets) _secrets: Secrets): void {
    calls.push(`prepare ${this.path} ${this.config.size}`);
    this.#pool = new Pool();
  }

  @provides(Pool)
  pool(): Pool {
    throw new Error('must not run');
  }

  @provides(Schema)
  schema(): Schema {
    calls.push('schema');
    return new Schema(this.#pool);
  }

  override start(@inject(Cache) _cache: Cache): void {
    throw new Error('must not run');
  }

  override ready(): void {
    throw new Error('must not run');
  }

  @task()
  async refill(@inject(Cache) _cache: Cache): Promise<void> {
    throw new Error('must not run');
  }
}

class SecretsComponent extends Component {
  @provides(Secrets)
  secrets(): Secrets {
    calls.push('secrets');
    return new Secrets();
  }
}

class OthersComponent extends Component {
  constructor() {
    super();
    throw new Error('must not run');
  }

  @provides(Cache)
  cache(): Cache {
    throw new Error('must not run');
  }

  @provides(Ticks)
  ticks(): Ticks {
    throw new Error('must not run');
  }
}

@component({ components: { pool: PoolComponent, secrets: SecretsComponent, others: OthersComponent } })
class App extends Component {
  @inject(Pool) readonly pool!: Pool;

  override start(): void {
    throw new Error('must not run');
  }

  @on(Ticks, (ticks) => ticks.ticked)
  count(): void {
    throw new Error('must not run');
  }
}

function providerOf(plan: Plan, id: unknown): Provider {
  return plan.providers.find(({ ids }) => ids.some((each) => each === id))!;
}

async function partOf(root: ComponentClass, id: unknown, config = {}): Promise<Plan> {
  const plan = await planApplication(root, { config });
  return partialPlan(plan, [providerOf(plan, id)]);
}

test('a partial application runs only the steps that the resource needs', async () => {
  calls.length = 0;
  const plan = await partOf(App, Schema, { components: { pool: { size: 3 } } });
  expect(plan.problems).toEqual([]);
  expect(plan.components.map(({ node }) => node.path)).toEqual(['pool', 'secrets']);
  const application = new Application(plan);
  onTestFinished(() => application.stop());
  await application.start();
  expect(calls).toEqual(['secrets', 'prepare pool 3', 'schema']);
  expect(application.context.getResourceSync(Schema)).toBeInstanceOf(Schema);
  expect(() => application.context.getResourceSync(Pool)).toThrow(ResourceNotFoundError);
});

test('a partial plan does not change the plan that it comes from', async () => {
  const plan = await planApplication(App);
  const before = plan.components.map(({ node }) => ({ ...node.declarations }));
  partialPlan(plan, [providerOf(plan, Schema)]);
  expect(plan.components.map(({ node }) => node.declarations)).toEqual(before);
  expect(plan.root.children).toHaveLength(3);
});

test('a partial plan contains what code looks up', async () => {
  @component({ components: { secrets: SecretsComponent }, lookups: [Secrets] })
  class Looking extends Component {
    @provides(Cache)
    async cache(): Promise<Cache> {
      await this.context.getResource(Secrets);
      return new Cache();
    }
  }
  const plan = await partOf(Looking, Cache);
  expect(plan.components.map(({ node }) => node.path)).toEqual(['', 'secrets']);
});

test('a plan with problems stays whole', async () => {
  const plan = await planApplication(App, { config: { components: { pool: { size: 'many' } } } });
  expect(plan.problems).not.toEqual([]);
  expect(partialPlan(plan, [providerOf(plan, Schema)])).toBe(plan);
});
