/**
 * Publishes the statements of a database to tracing channels. It works with every dialect, because kysely passes each
 * statement to the connection of a driver.
 */
import type { Context } from '@asphalt/core';
import { tracePoint, type CallTrace } from '@asphalt/core/tracing';
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  KyselyPlugin,
  QueryCompiler,
} from 'kysely';

const callPoint = tracePoint<CallTrace>('asphalt.call');

export class TracedDialect implements Dialect {
  readonly #dialect: Dialect;
  /** The path of the component. */
  readonly #target: string;
  readonly #contexts = new WeakMap<CompiledQuery['queryId'], Context>();
  readonly #observed = new WeakSet<DatabaseConnection>();

  constructor(dialect: Dialect, target: string) {
    this.#dialect = dialect;
    this.#target = target;
  }

  createDriver(): Driver {
    const driver = this.#dialect.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    driver.acquireConnection = async () => {
      const connection = await acquire();
      if (callPoint.observed) this.#observe(connection);
      return connection;
    };
    return driver;
  }

  createQueryCompiler(): QueryCompiler {
    return this.#dialect.createQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return this.#dialect.createAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return this.#dialect.createIntrospector(db);
  }

  /** Returns a plugin that notes the context of statements; `undefined` without a subscriber. */
  pluginFor(context: Context): KyselyPlugin | undefined {
    if (!callPoint.observed) return undefined;
    return {
      transformQuery: ({ node, queryId }) => {
        this.#contexts.set(queryId, context);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
  }

  /** Replaces the method of the object, as the log of kysely does: drivers send `begin` and `commit` through it, too. */
  #observe(connection: DatabaseConnection): void {
    if (this.#observed.has(connection)) return;
    this.#observed.add(connection);
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = (query) => {
      const [operation = ''] = /\w+/.exec(query.sql) ?? [];
      const context = this.#contexts.get(query.queryId);
      return callPoint.run({ kind: 'sql', target: this.#target, operation: operation.toLowerCase(), context }, () =>
        execute(query),
      );
    };
  }
}
