import { type Engine, MemoryEngine, MessagingComponent } from '../src/index.ts';
import type { TestBroker } from '../src/testing/index.ts';

/** A broker in memory that several applications share. */
export async function memoryBroker(): Promise<TestBroker> {
  const engine = new MemoryEngine();
  class SharedMessaging extends MessagingComponent {
    protected override async *open(): AsyncGenerator<Engine, void, unknown> {
      yield engine;
    }
  }
  return {
    components: { messaging: SharedMessaging },
    config: { messaging: {} },
    engine: 'messaging',
    stop: async () => engine.close(),
  };
}
