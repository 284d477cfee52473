/**
 * Program of `npm run test:crash -- orders`: kills the processes of an application at random moments, and fails if an order is
 * lost, charged twice or not mailed.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '@asphalt/test-support/processes';
import { crashOrders, type OrderCrash } from './crash-orders.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'nats' },
    webs: { type: 'string', default: '2' },
    workers: { type: 'string', default: '3' },
    clients: { type: 'string', default: '4' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
  },
});

const startedAt = performance.now();
const random = seededRandom(Number(values.seed));
const common = {
  engine: values.engine,
  webs: Number(values.webs),
  workers: Number(values.workers),
  clients: Number(values.clients),
  random,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function onKill(kill: number, orders: number, mailed: number): void {
  if (kill % 20 === 0) say(`Kill ${kill}: ${orders} orders were accepted, ${mailed} mailed`);
}

function print({ kills, orders, ...crash }: OrderCrash): void {
  say(`${kills} kills, ${orders} orders, after ${Math.round((performance.now() - startedAt) / 1000)} s:`);
  const { lost, unknown, chargedTwice, notCharged, notMailed, mailedAgain, doubles } = crash;
  for (const [problem, ids] of Object.entries({ lost, unknown, chargedTwice, notCharged, notMailed, doubles })) {
    say(`  ${ids.length} ${problem}${ids.length > 0 ? `: ${ids.slice(0, 5).join(', ')}` : ''}`);
  }
  say(
    `  ${mailedAgain.length} orders with a repeated Message-ID: the process was killed, or its transaction failed, between the mail and the commit`,
  );
  say(`  ${crash.ends} ends of processes without a kill`);
  say(`  ${crash.repeatedCharges} repeated requests to the charge service, which it recognized by their keys`);
  say(`  ${crash.repeatedRequests} repeated requests to the API, which no process had accepted`);
}

say(`Engine ${values.engine}, ${values.webs} web processes and ${values.workers} workers, seed ${values.seed}`);
const crash = await crashOrders({ ...common, kills: Number(values.kills), onKill });
say('With the inbox:');
print(crash);
const { lost, unknown, chargedTwice, notCharged, notMailed, doubles } = crash;
if ([lost, unknown, chargedTwice, notCharged, notMailed, doubles].some(({ length }) => length > 0))
  process.exitCode = 1;

// Otherwise the test would not notice doubles.
const control = await crashOrders({ ...common, kills: 60, withInbox: false, untilDouble: true });
say('Without the inbox, until an effect has happened twice:');
print(control);
if (control.doubles.length === 0) {
  say('Without the inbox, the test must find doubles');
  process.exitCode = 1;
}
