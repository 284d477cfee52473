/** The server of the test: a process that serves on a port until a signal stops it. */
import { Component, component, inject, provides, runApplication, silentLogger } from '@asphalt/core';
import { fakeClock } from '@asphalt/testing';
import { requestContext } from '../../src/request/request-scope.ts';
import { WebApp } from '../../src/web-app.ts';
import { WebComponent } from '../../src/web-component.ts';

/** A resource per request that ends before the response is sent. */
class Work {
  isDone = false;
}

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  @provides(Work, { scope: 'context' })
  async *work(): AsyncGenerator<Work> {
    const work = new Work();
    yield work;
    await Promise.resolve();
    work.isDone = true;
  }

  override start(): void {
    this.web.get('/:number', async (c) => {
      await requestContext(c).getResource(Work);
      return c.text(`page ${c.req.param('number')}`);
    });
    this.web.post('/:number', async (c) => {
      await requestContext(c).getResource(Work);
      return c.text(`page ${await c.req.text()}`);
    });
  }
}

const [port, drainDelay = '0', mode] = process.argv.slice(2);
if (mode === 'until-message') {
  // The parent decides when the delay is over, so that the test does not depend on the speed of the machine.
  process.once('SIGTERM', () => {
    const clock = fakeClock();
    // Later code clears timers that it set before the signal.
    process.once('message', () => void clock.advance(3_600_000).then(() => clock.restore()));
  });
}
// A parent that was killed leaves no server behind.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
const web = { port: Number(port), drainDelay, shutdownTimeout: '2s' };
process.exitCode = await runApplication(Shop, {
  ownsProcess: true,
  // The clock of the test jumps over the drain delay.
  stopTimeout: 0,
  logger: silentLogger,
  config: { components: { web } },
  onFailure: (error) => void process.stderr.write(`${String(error)}\n`),
});
