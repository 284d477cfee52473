// Prints which optional features the runtime has that the packages use.

import module from 'node:module';

const probes = {
  // The watchdog uses it to find the blocking line.
  'inspector of the main thread': async () => {
    const { Worker } = await import('node:worker_threads');
    const code = `
      const { Session } = require('node:inspector');
      // Keeps the thread alive while it waits for the response.
      setInterval(() => undefined, 1000);
      const session = new Session();
      session.connectToMainThread();
      const { parentPort } = require('node:worker_threads');
      session.post('Runtime.evaluate', { expression: '6 * 7' }, (_error, response) => {
        parentPort.postMessage(response?.result.value);
      });
    `;
    const worker = new Worker(code, { eval: true });
    try {
      const value = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
      if (value !== 42) throw new Error('The inspector returned a wrong result');
    } finally {
      await worker.terminate();
    }
  },
  // The command uses them to compile TypeScript while it loads.
  'module hooks': () => {
    if (typeof (module.registerHooks ?? module.register ?? globalThis.Bun?.plugin) !== 'function')
      throw new Error('None');
  },
  'delay of the event loop': async () => {
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    const histogram = monitorEventLoopDelay();
    histogram.enable();
    histogram.disable();
  },
};

const features = {};
for (const [name, probe] of Object.entries(probes)) {
  try {
    await probe();
    features[name] = true;
  } catch {
    features[name] = false;
  }
}
// Exits explicitly, because a probe may leave an open handle.
process.stdout.write(`${JSON.stringify(features)}\n`, () => process.exit());
