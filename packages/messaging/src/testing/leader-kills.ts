/** Tests of a leader whose processes are killed and frozen. */
import type { ChildProcess } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import type { MessagingContract } from './broker.ts';
import { brokerOf } from './replica.ts';
import { killed, Workers } from './workers.ts';

const leaseMs = 300;
const timeout = 120_000;
const waiting = { timeout: 20_000, interval: 5 };

/** Data that accepts a write only with a token that is at least as high as all earlier ones. */
class FencedData {
  /** The process of the last accepted write. */
  writer: ChildProcess | undefined;
  fence = 0;
  rejected = 0;
  /** Accepted writes of one process with the token of another one. */
  shared = 0;

  readonly write = (token: number, child: ChildProcess): void => {
    if (token < this.fence) {
      this.rejected++;
      return;
    }
    if (token === this.fence && this.writer !== undefined && this.writer !== child) this.shared++;
    this.fence = token;
    this.writer = child;
  };
}

/** @param rounds - number of leaders that are killed or frozen */
export function leaderKills(contract: MessagingContract, program: URL, rounds: number): void {
  test(
    `over ${rounds} kills and freezes of the leader, fenced data has one writer at a time`,
    { timeout: timeout + rounds * 3000 },
    async () => {
      const workers = new Workers(program, await brokerOf(contract));
      const data = new FencedData();
      const start = (): Promise<ChildProcess> => workers.start({ role: 'leader', leaseMs }, {}, data.write);
      await Promise.all([start(), start(), start()]);
      await vi.waitFor(() => expect(data.writer).toBeDefined(), waiting);
      for (let round = 0; round < rounds; round++) {
        const [leader, fence] = [data.writer!, data.fence];
        if (round % 2 === 0) leader.kill('SIGSTOP');
        else await killed(leader);
        await vi.waitFor(() => expect(data.fence).toBeGreaterThan(fence), waiting);
        expect(data.writer).not.toBe(leader);
        // The frozen process continues, as if its term had not ended.
        if (round % 2 === 0) leader.kill('SIGCONT');
        else await start();
      }
      expect(data.shared).toBe(0);
    },
  );
}
