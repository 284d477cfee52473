import { MessagingDriverError } from '../errors.ts';

/** Loads BullMQ, which is an optional dependency. @throws {@link MessagingDriverError} when it is not installed */
export async function loadBullmq(): Promise<typeof import('bullmq')> {
  return import('bullmq').catch((cause: unknown) => {
    throw new MessagingDriverError('bullmq', cause);
  });
}
