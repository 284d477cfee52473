import { MessagingDriverError } from '../errors.ts';

/** Loads BullMQ, which is an optional dependency. @throws {@link MessagingDriverError} when it is not installed */
export async function loadBullmq(): Promise<typeof import('bullmq')> {
  return import('bullmq').catch(cannotLoad('bullmq'));
}

/** Loads the driver of PostgreSQL. @throws {@link MessagingDriverError} when it is not installed */
export async function loadPg(): Promise<typeof import('pg')> {
  return import('pg').catch(cannotLoad('pg'));
}

function cannotLoad(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new MessagingDriverError(name, cause);
  };
}
