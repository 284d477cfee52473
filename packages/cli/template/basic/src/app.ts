import { component, Component, defineConfig, on } from '@asphalt/core';
import { Clock, ClockComponent } from './clock-component.ts';

const options = defineConfig({
  greeting: { doc: 'Greeting for each tick', format: 'string', default: 'Hi', env: 'GREETING' },
});

/** The root component. Declares its child components and uses their resources. */
@component({ config: options, components: { clock: ClockComponent } })
export class App extends Component<typeof options> {
  @on(Clock, (clock) => clock.ticked)
  greet(time: Date): void {
    this.logger.info(`${this.config.greeting}, it is ${time.toLocaleTimeString()}`);
  }
}
