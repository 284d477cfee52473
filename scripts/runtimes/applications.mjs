// The applications that tests write into a folder.

/** Covers the syntax that a TypeScript loader must support: parameter decorators, emitted types, an enum, an import. */
export const checkedApplication = {
  'clock.ts': 'export class Clock {}',
  'app.ts': `
    import { Component, component, inject, provides } from '@asphalt/core';
import { checked } from '@asphalt/core/checked';
    import { Clock } from './clock.ts';

    @component()
    class ClockComponent extends Component {
      @provides(Clock) clock(): Clock { return new Clock(); }
    }

    enum Greeting { Morning = 'Good morning' }

    @component({ components: { clock: ClockComponent } })
    export class App extends Component {
      constructor(@inject(Clock) readonly clock: Clock) { super(); }
      @checked() greet(name: string): void { this.logger.info(Greeting.Morning + name); }
      override start(): void { this.greet(5 as never); }
    }
  `,
};

export const blockingApplication = `import { setTimeout as delay } from 'node:timers/promises';
import { Component, component, task } from '@asphalt/core';

function crunch(until: number): void {
  while (performance.now() < until);
}

@component()
export class App extends Component {
  @task()
  async work(abort: AbortSignal): Promise<void> {
    for (;;) {
      await delay(20, undefined, { signal: abort });
      crunch(performance.now() + 1500);
    }
  }
}
`;
