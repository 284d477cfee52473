/** Finds the engine of an application's queues and starts only its dependencies. */
import { PlanError } from '@asphalt/core';
import { planApplication, type Provider } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { withResource } from '../load/with-resource.ts';
import type { Output } from '../terminal/output.ts';
import { QueuesSelectionError } from './errors.ts';

export interface QueuesArguments extends ApplicationArguments {
  /** The path of the component; undefined if only one has queues. */
  readonly component: string | undefined;
}

/** The part of the resource `Messaging` of @asphalt/messaging that the commands use. */
export interface Messaging {
  readonly engine: string;
  states(): Promise<readonly QueueState[]>;
  deadLetters(name: string): Promise<readonly DeadLetter[] | undefined>;
  retryDeadLetters(name: string, ids?: readonly string[]): Promise<number | undefined>;
}

export interface QueueState {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly running: number;
  readonly dead: number;
  readonly oldestMs: number | undefined;
}

export interface DeadLetter {
  readonly id: string;
  readonly reason: string;
  readonly code: string | undefined;
  readonly attempts: number;
  readonly failedAt: Date;
}

/** The static property of its class. The command does not depend on the package, and several copies of it may exist. */
const mark = Symbol.for('@asphalt/messaging/messaging');

/** Starts the engine and its dependencies, calls a function with it and stops. @param stderr - receives log lines */
export async function withMessaging<R>(
  args: QueuesArguments,
  stderr: Output,
  use: (messaging: Messaging) => Promise<R>,
): Promise<R> {
  const config = await loadApplicationConfig(args);
  const plan = await planApplication(undefined, { config });
  if (plan.problems.length > 0) throw new PlanError(plan.problems);
  const provider = select(plan.providers, args.component);
  return withResource({ config, plan, provider }, stderr, use);
}

function select(providers: readonly Provider[], component: string | undefined): Provider {
  const all = providers.filter(({ ids }) => ids.some((id) => mark in id));
  const [provider, ...others] = component === undefined ? all : all.filter(({ node }) => node.path === component);
  const components = all.map(({ node }) => node.path);
  if (all.length === 0) throw new QueuesSelectionError({ kind: 'none' });
  if (!provider) throw new QueuesSelectionError({ kind: 'unknown', components }, component);
  if (others.length > 0) throw new QueuesSelectionError({ kind: 'several', components });
  return provider;
}
