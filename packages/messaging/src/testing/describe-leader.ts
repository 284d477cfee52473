/** The contract of the leaders of an engine. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Term } from '../leader.ts';
import type { MessagingContract } from './broker.ts';
import { leaderKills } from './leader-kills.ts';
import { brokerOf, startReplica, type Replica } from './replica.ts';

/** Registers the tests of leaders. Call it once per test file. */
export function describeLeader(contract: MessagingContract): void {
  const { name, unavailable = false, program } = contract;
  describe.skipIf(unavailable)(`${unavailable || `a leader of the ${name} engine`}`, () => {
    terms(contract);
    if (program) leaderKills(contract, program, contract.kills ?? 4);
  });
}

interface Candidate {
  readonly terms: Term[];
  readonly stop: () => Promise<void>;
}

/** Runs a leader whose work lasts until its term ends. */
function candidate({ messaging }: Replica, lease = 300): Candidate {
  const stopping = new AbortController();
  const terms: Term[] = [];
  const running = messaging.leader('poller', { lease }).run(stopping.signal, async (term) => {
    terms.push(term);
    await new Promise<void>((resolve) => term.abort.addEventListener('abort', () => resolve(), { once: true }));
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  onTestFinished(stop);
  return { terms, stop };
}

async function firstTerm(candidates: readonly Candidate[]): Promise<Candidate> {
  return vi.waitFor(
    () => {
      const [leading] = candidates.filter(({ terms }) => terms.length > 0);
      if (!leading) throw new Error('no leader');
      return leading;
    },
    { timeout: 5000, interval: 5 },
  );
}

function terms(contract: MessagingContract): void {
  test('one of three replicas leads, and another one takes over when it stops', async () => {
    const broker = await brokerOf(contract);
    const replicas = [await startReplica(broker), await startReplica(broker), await startReplica(broker)];
    const candidates = replicas.map((replica) => candidate(replica));
    const first = await firstTerm(candidates);
    const others = candidates.filter((each) => each !== first);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(others.map(({ terms }) => terms.length)).toEqual([0, 0]);
    expect(first.terms.map(({ abort }) => abort.aborted)).toEqual([false]);
    await first.stop();
    const second = await firstTerm(others);
    expect(second.terms[0]!.token).toBeGreaterThan(first.terms[0]!.token);
  });

  test('`run` ends with the work, whose lease is then free', async () => {
    const broker = await brokerOf(contract);
    const replica = await startReplica(broker);
    const { signal } = new AbortController();
    const tokens: number[] = [];
    const leader = replica.messaging.leader('once', { lease: 300 });
    await leader.run(signal, async ({ token }) => void tokens.push(token));
    await leader.run(signal, async ({ token }) => void tokens.push(token));
    expect(tokens[1]).toBeGreaterThan(tokens[0]!);
  });

  test('an error of the work ends `run`', async () => {
    const replica = await startReplica(await brokerOf(contract));
    const leader = replica.messaging.leader('failing', { lease: 300 });
    const work = async (): Promise<void> => {
      throw new TypeError('no poll');
    };
    await expect(leader.run(new AbortController().signal, work)).rejects.toThrow('no poll');
  });
}
