/**
 * The part of the interface of `node:sqlite` that this package uses. It declares its own types, because Node 20 has none
 * for `node:sqlite`, and the package with the same interface is optional.
 */

export interface SqliteStatement {
  /** Returns rows as arrays after `setReturnArrays(true)`. */
  all(...values: readonly SqliteValue[]): unknown[];
  get(...values: readonly SqliteValue[]): unknown;
  run(...values: readonly SqliteValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  /** Binds the values, and executes the statement only when the caller requests the first row. */
  iterate(...values: readonly (SqliteValue | Readonly<Record<string, SqliteValue>>)[]): Iterable<unknown>;
  /** Returns one entry per column of the returned rows; empty if the statement returns no rows. */
  columns(): readonly { readonly name: string }[];
  setReadBigInts(enabled: boolean): void;
  setReturnArrays(enabled: boolean): void;
  /** The first statement of the text, with its parameters replaced. */
  readonly expandedSQL: string | undefined;
}

export interface SqliteDatabase {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  close(): void;
  /** Called while a statement is compiled, once for each of its actions. */
  setAuthorizer(authorizer: Authorizer | null): void;
}

/** @returns one of `verdict` */
export type Authorizer = (action: number, argument: string | null, detail: string | null) => number;

export type SqliteValue = null | number | bigint | string | Uint8Array;

export interface SqliteModule {
  readonly DatabaseSync: {
    new (path: string, options?: { readonly readOnly?: boolean }): SqliteDatabase;
    readonly prototype: SqliteDatabase;
  };
  readonly StatementSync: { readonly prototype: SqliteStatement };
}

/** The results of an {@link Authorizer}, as SQLite defines them. */
export const verdict = { allow: 0, deny: 1, ignore: 2 } as const;

/** The actions of an {@link Authorizer} that this package uses, as SQLite defines them. */
export const action = {
  createTempIndex: 3,
  createTempTable: 4,
  createTempTrigger: 5,
  createTempView: 6,
  delete: 9,
  insert: 18,
  pragma: 19,
  read: 20,
  select: 21,
  update: 23,
  attach: 24,
  function: 31,
  recursive: 33,
} as const;

/** SQLite's result codes that this package uses. */
export const resultCode = { busy: 5, readOnly: 8, misuse: 21, range: 25, notADatabase: 26, busySnapshot: 517 } as const;

/** Returns SQLite's extended result code of an error; undefined if the error is not SQLite's. */
export function resultCodeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode : undefined;
}

/** Whether a read-only connection refused to write. It has not written anything. */
export function isReadOnly(error: unknown): boolean {
  return kindOf(error) === resultCode.readOnly;
}

/** Returns the result code without its details, which are in the higher bytes. */
export function kindOf(error: unknown): number | undefined {
  const code = resultCodeOf(error);
  return code === undefined ? undefined : code & 0xff;
}

/** Whether another connection holds the lock, in which case the same statement can succeed later. */
export function isBusy(error: unknown): boolean {
  return kindOf(error) === resultCode.busy && resultCodeOf(error) !== resultCode.busySnapshot;
}
