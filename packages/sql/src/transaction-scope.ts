/**
 * What this package knows about the transaction of a context. kysely carries it as a plugin, so that every object that it
 * derives from a transaction has it, too.
 */
import type { Context } from '@asphalt/core';
import type { CompiledQuery, KyselyPlugin, PluginTransformQueryArgs, PluginTransformResultArgs } from 'kysely';
import type { Transaction } from './database.ts';
import { callPoint } from './observed-dialect.ts';
import { SqlScopeError } from './errors.ts';

/** Notes the context of each statement for tracing. The ids of statements are objects. */
export type StatementContexts = WeakMap<CompiledQuery['queryId'], Context>;

export class TransactionScope implements KyselyPlugin {
  readonly #context: Context;
  readonly #contexts: StatementContexts;
  readonly #afterCommit: (() => unknown)[] = [];
  #parts = 0;

  constructor(context: Context, contexts: StatementContexts) {
    this.#context = context;
    this.#contexts = contexts;
  }

  static of(transaction: Transaction): TransactionScope {
    const scope = transaction.getExecutor().plugins.find((plugin) => plugin instanceof TransactionScope);
    if (scope === undefined) throw new SqlScopeError();
    return scope;
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs) {
    if (callPoint.observed) this.#contexts.set(queryId, this.#context);
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs) {
    return result;
  }

  /** Returns the name of a new savepoint, and a function that forgets the callbacks since then. */
  startPart(): { readonly name: string; readonly undo: () => void } {
    const { length } = this.#afterCommit;
    return { name: `asphalt_${++this.#parts}`, undo: () => void this.#afterCommit.splice(length) };
  }

  addAfterCommit(callback: () => unknown): void {
    this.#afterCommit.push(callback);
  }

  /** Runs the callbacks one after the other, in the order of their registration. */
  async committed(report: (error: unknown) => void): Promise<void> {
    // A callback may add further ones.
    for (const callback of this.#afterCommit) {
      try {
        await callback();
      } catch (error) {
        report(error);
      }
    }
  }
}
