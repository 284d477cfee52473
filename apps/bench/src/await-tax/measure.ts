/** Runs under the measured version of Node: `measure.js SUBJECT EFFORT` prints nanoseconds. */
import { meanTime } from '../harness/hot.ts';
import { load, type Effort, type Loaders } from '../harness/workload.ts';

/** Calls a function inside a request. */
type Request = <R>(handle: () => Promise<R>) => Promise<R>;

const loaders: Loaders<{ request: Request }> = {
  asphalt: () => import('./asphalt.ts'),
  'asphalt (ambient)': () => import('./ambient.ts'),
  hand: () => import('./hand.ts'),
};

let steps = 0;

async function step(): Promise<void> {
  steps++;
}

async function awaitTen(): Promise<void> {
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
}

const [subject, effort] = process.argv.slice(2) as [string, Effort];
const { request } = await load(loaders, subject);
let calls = 0;
const time = await request(() =>
  meanTime(() => {
    calls++;
    return awaitTen();
  }, effort),
);
if (steps !== calls * 10) throw new Error(`${calls} calls made ${steps} steps`);
console.log(time);
process.exit();
