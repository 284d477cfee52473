import { component } from '@asphalt/core';
import { EngineComponent } from './engine-component.ts';
import type { Engine } from './engine/engine.ts';
import { MemoryEngine } from './memory/memory-engine.ts';
import { memoryOptions } from './options.ts';

/** Queues, topics and schedules in the memory of this process. Messages end with it. */
@component({ config: memoryOptions, description: 'Queues, topics and schedules in memory' })
export class MessagingComponent extends EngineComponent<typeof memoryOptions> {
  protected override async *open(): AsyncGenerator<Engine, void, unknown> {
    const engine = new MemoryEngine();
    yield engine;
    engine.close();
  }
}
