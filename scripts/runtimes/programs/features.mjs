// Prints what the runtime has of the things that parts of the packages use where they are there.

import module from 'node:module';

const probes = {
  // The watchdog names the line that blocks by it.
  'inspector of the main thread': async () => {
    const { Worker } = await import('node:worker_threads');
    const code = `
      const { Session } = require('node:inspector');
      // A thread that waits for an answer only would end.
      setInterval(() => undefined, 1000);
      const session = new Session();
      session.connectToMainThread();
      const { parentPort } = require('node:worker_threads');
      session.post('Runtime.evaluate', { expression: '6 * 7' }, (_error, answer) => {
        parentPort.postMessage(answer?.result.value);
      });
    `;
    const worker = new Worker(code, { eval: true });
    try {
      const answer = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
      if (answer !== 42) throw new Error('It answers wrongly');
    } finally {
      await worker.terminate();
    }
  },
  // How sources in TypeScript are compiled as they are loaded.
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

const answers = {};
for (const [name, probe] of Object.entries(probes)) {
  try {
    await probe();
    answers[name] = true;
  } catch {
    answers[name] = false;
  }
}
// In one piece, and the last thing: a runtime may still hold what a probe has begun.
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit());
