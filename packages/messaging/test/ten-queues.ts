/** A test of an application with more queues than an event emitter of Node.js expects listeners. */
import { Component, component, on } from '@asphalt/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Messaging } from '../src/index.ts';
import type { MessagingContract } from '../src/testing/index.ts';
import { brokerOf, startReplica } from '../src/testing/replica.ts';

/** Registers the test. Call it once per test file. */
export function describeTenQueues(contract: MessagingContract): void {
  describe.skipIf(contract.unavailable)(`ten queues of the ${contract.name} engine`, () => {
    test('add no listeners that Node.js warns of', { timeout: 30_000 }, async () => {
      const warnings: string[] = [];
      const warn = (warning: Error): void => void warnings.push(warning.message);
      process.on('warning', warn);
      onTestFinished(() => void process.off('warning', warn));
      const names = Array.from({ length: 10 }, (_, index) => `queue${index}`);
      const handled: string[] = [];
      const handlers = names.map((name) => {
        class Handler extends Component {
          @on(Messaging, (messaging) => messaging.queue<string>(name).messages)
          async handle({ value }: { readonly value: string }): Promise<void> {
            handled.push(value);
          }
        }
        return [name, Handler] as const;
      });
      @component({ components: Object.fromEntries(handlers) })
      class Handlers extends Component {}
      const { app, messaging } = await startReplica(await brokerOf(contract), { handler: Handlers });
      await Promise.all(names.map((name) => messaging.queue<string>(name).send(name)));
      await vi.waitFor(() => expect(handled.toSorted()).toEqual(names), { timeout: 10_000 });
      await app.stop();
      expect(warnings).toEqual([]);
    });
  });
}
