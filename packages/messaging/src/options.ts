/** The options that the components of all engines share. */
import { defineConfig, mapOf, type ConfigOf } from '@asphalt/core';

const backOffOptions = defineConfig({
  minDelay: { doc: 'Shortest delay before the next attempt', format: 'duration', default: '1s' },
  maxDelay: { doc: 'Longest delay before the next attempt', format: 'duration', default: '1m' },
});

const perQueue = {
  attempts: { doc: 'Number of attempts before a message becomes a dead letter', format: 'int' },
  backoff: { doc: 'Random delays between attempts, which double from attempt to attempt', format: backOffOptions },
  keep: { doc: 'Time for which the engine remembers the keys of messages', format: 'duration' },
  retain: { doc: 'Time for which topics keep messages', format: 'duration' },
  lease: { doc: 'Time after which the message of a crashed process is delivered again', format: 'duration' },
} as const;

const queueOptions = defineConfig(perQueue);

/** The options of every engine, to spread into `defineConfig`. */
export const messagingOptions = {
  attempts: { ...perQueue.attempts, default: 5 },
  backoff: { ...perQueue.backoff, default: {} },
  keep: { ...perQueue.keep, default: '2m' },
  retain: { ...perQueue.retain, default: '1h' },
  lease: { ...perQueue.lease, default: '30s' },
  queues: { doc: 'Options of single queues and topics, by their names', format: mapOf(queueOptions), default: {} },
} as const;

export const memoryOptions = defineConfig(messagingOptions);

/** The values of {@link messagingOptions}. */
export type MessagingConfig = ConfigOf<typeof memoryOptions>;
