/** The server of the test: a process that serves on a port until a signal stops it. */
import { Component, component, inject, provides, runApplication, silentLogger } from '@asphalt/core';
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

const [port, drainDelay = '0'] = process.argv.slice(2);
// A parent that was killed leaves no server behind.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
const web = { port: Number(port), drainDelay, shutdownTimeout: '2s' };
process.exitCode = await runApplication(Shop, {
  ownsProcess: true,
  logger: silentLogger,
  config: { components: { web } },
  onFailure: (error) => void process.stderr.write(`${String(error)}\n`),
});
