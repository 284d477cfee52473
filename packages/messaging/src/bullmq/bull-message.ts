/** Messages as the data of BullMQ's jobs. */
import type { Job } from 'bullmq';
import { readEnvelope, writeEnvelope, type StoredEnvelope } from '../engine/envelope-text.ts';
import type { Claimed, DeadEnvelope, Envelope } from '../engine/engine.ts';

/** The data of a job, as BullMQ's dashboards show it. */
export interface JobData extends StoredEnvelope {
  readonly key?: string;
  /** Number of started attempts that do not count. */
  readonly uncounted?: number;
  /** The code of the error, and the number of attempts, of a dead letter. */
  readonly code?: string;
  readonly attempts?: number;
}

export type BullJob = Job<JobData>;

export function dataOf(envelope: Envelope, key: string | undefined): JobData {
  return { ...writeEnvelope(envelope), ...(key !== undefined && { key }) };
}

/** A job that this process has claimed with a token. */
export interface BullMessage extends Claimed {
  readonly job: BullJob;
  readonly token: string;
}

export function messageOf(job: BullJob, token: string): BullMessage {
  const { attemptsStarted, data } = job;
  return { ...readEnvelope(data), attempt: attemptsStarted - (data.uncounted ?? 0), job, token };
}

export function letterOf(job: BullJob): DeadEnvelope {
  const { data, failedReason, finishedOn = 0, attemptsStarted } = job;
  return {
    ...readEnvelope(data),
    reason: failedReason,
    code: data.code,
    attempts: data.attempts ?? attemptsStarted,
    failedAt: new Date(finishedOn),
  };
}
