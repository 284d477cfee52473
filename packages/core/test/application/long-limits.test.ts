import { component, Component, startApplication } from '@asphalt/core';
import { warningsOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';

/** Runs longer than the millisecond after which a timer of Node fires whose delay is too long. */
const longerThanATimer = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test.each([2 ** 31, 30 * 86_400_000, Infinity])(
  'limits of %d ms for the application and for one component do not pass at once',
  async (limit) => {
    @component({ startTimeout: limit, stopTimeout: limit })
    class App extends Component {
      override async *start(): AsyncGenerator<void> {
        await longerThanATimer();
        yield;
        await longerThanATimer();
      }
    }
    const warnings = await warningsOf(async () => {
      const application = await startApplication(App, { startTimeout: limit, stopTimeout: limit });
      await application.stop();
    });
    expect(warnings).toEqual([]);
  },
);
