import { setInterval } from 'node:timers/promises';
import { component, Component, defineConfig, inject, provides, Signal, task } from '@asphalt/core';

/** A resource. Other components inject it and subscribe to its events. */
export class Clock {
  readonly ticked = new Signal<Date>();
}

const options = defineConfig({
  every: { doc: 'Time between ticks', format: 'duration', default: '1s' },
});

@component({ config: options, description: 'Ticks at regular intervals' })
export class ClockComponent extends Component<typeof options> {
  @provides(Clock)
  clock(): Clock {
    return new Clock();
  }

  /** Starts after the application and ends when the application stops, which aborts the signal. */
  @task()
  async tick(@inject(Clock) clock: Clock, abort: AbortSignal): Promise<void> {
    for await (const _ of setInterval(this.config.every, undefined, { signal: abort })) {
      clock.ticked.dispatch(new Date());
    }
  }
}
