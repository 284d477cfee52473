/** A dialect whose driver is wrapped in another one. Everything else is that of the wrapped dialect. */
import type { DatabaseIntrospector, Dialect, DialectAdapter, Driver, Kysely, QueryCompiler } from 'kysely';

export class WrappedDialect implements Dialect {
  readonly #dialect: Dialect;
  readonly #wrap: (driver: Driver) => Driver;

  /** @param wrap - returns the driver to use instead of that of the dialect */
  constructor(dialect: Dialect, wrap: (driver: Driver) => Driver) {
    this.#dialect = dialect;
    this.#wrap = wrap;
  }

  createDriver(): Driver {
    return this.#wrap(this.#dialect.createDriver());
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
}
