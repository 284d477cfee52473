/** Finds the migrations of an application and starts only their dependencies. */
import { PlanError } from '@asphalt/core';
import { describeConfig, planApplication, type Provider } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { withResource, type SelectedResource } from '../load/with-resource.ts';
import type { Output } from '../terminal/output.ts';
import { MigrationsSelectionError } from './errors.ts';

export interface DbArguments extends ApplicationArguments {
  /** The path of the component; undefined if only one has migrations. */
  readonly component: string | undefined;
}

/** The part of the resource `Migrations` of @asphalt/sql that the commands use. */
export interface Migrations {
  status(): Promise<ReadonlyArray<{ readonly name: string; readonly ranAt: Date | undefined }>>;
  migrate(): Promise<readonly string[]>;
  rollback(): Promise<string | undefined>;
}

/** The static property of its class. The command does not depend on the package, and several copies of it may exist. */
const mark = Symbol.for('@asphalt/sql/migrations');

/** Starts what the migrations need, calls a function with them and stops. @param stderr - receives log lines */
export async function withMigrations<R>(
  args: DbArguments,
  stderr: Output,
  use: (migrations: Migrations) => Promise<R>,
): Promise<R> {
  return withResource(await selected(args), stderr, use);
}

/** Returns the folder of the migrations without starting anything. */
export async function migrationsFolder(args: DbArguments): Promise<string> {
  return (await selected(args)).folder;
}

interface Selected extends SelectedResource {
  readonly folder: string;
}

async function selected(args: DbArguments): Promise<Selected> {
  const config = await loadApplicationConfig(args);
  const plan = await planApplication(undefined, { config });
  if (plan.problems.length > 0) throw new PlanError(plan.problems);
  const provider = select(plan.providers, args.component);
  const { path } = provider.node;
  const { components } = await describeConfig(undefined, { config });
  const option = components.find((each) => each.path === path)?.options.find(({ name }) => name === 'migrations');
  if (typeof option?.value !== 'string') throw new MigrationsSelectionError({ kind: 'no-folder' }, path);
  return { config, plan, provider, folder: option.value };
}

function select(providers: readonly Provider[], component: string | undefined): Provider {
  const all = providers.filter(({ ids }) => ids.some((id) => mark in id));
  const [provider, ...others] = component === undefined ? all : all.filter(({ node }) => node.path === component);
  const components = all.map(({ node }) => node.path);
  if (all.length === 0) throw new MigrationsSelectionError({ kind: 'none' });
  if (!provider) throw new MigrationsSelectionError({ kind: 'unknown', components }, component);
  if (others.length > 0) throw new MigrationsSelectionError({ kind: 'several', components });
  return provider;
}
