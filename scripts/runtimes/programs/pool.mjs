// Calls a module in a thread pool in every supported way and prints the results.

import { ThreadPool } from '../../../packages/threads/dist/index.js';

const pool = new ThreadPool({ max: 1 });
/** @type {import('../../../packages/threads/dist/index.js').ThreadModule<typeof import('./pool-work.mjs')>} */
const work = await pool.module(new URL('./pool-work.mjs', import.meta.url), { errors: [RangeError] });

console.log('in another thread:', await work.isElsewhere());
console.log(await work.say('hello'));
const items = [];
for await (const item of work.count(3)) items.push(item);
console.log(`items: ${items.join(' ')}`);
console.log(await work.shout('HELLO').catch(String));
console.log(
  await work.forever
    .with({ abort: AbortSignal.timeout(50) })()
    .catch(({ name }) => name),
);
await pool.close();
console.log('closed');
