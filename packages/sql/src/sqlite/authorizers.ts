/**
 * Rules that SQLite applies while it compiles a statement. They depend on the actions that SQLite reports, not on the
 * text of the statement.
 */
import { action, verdict, type Authorizer } from './interface.ts';

/** Rules for one connection. */
export interface Rules {
  readonly authorize: Authorizer;
}

/** Functions whose values depend on the connection that wrote. */
const functionsOfWriter = ['last_insert_rowid', 'changes', 'total_changes'];

/** Pragmas that only read the file or describe SQLite. All others read or change a setting of their connection. */
const readingPragmas = [
  'collation_list',
  'compile_options',
  'foreign_key_check',
  'foreign_key_list',
  'freelist_count',
  'function_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'module_list',
  'page_count',
  'page_size',
  'pragma_list',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
];
/** Pragmas that only read if they have no argument. */
const valuesOfFile = ['application_id', 'encoding', 'schema_version', 'user_version'];

/**
 * Refuses every statement that does more than read the file, except for changes of rows. The read-only connection
 * refuses those itself, and virtual tables compile such statements before they read.
 */
export class ReaderRules implements Rules {
  /** Whether the last statement was refused. */
  refused = false;

  reset(): void {
    this.refused = false;
  }

  readonly authorize: Authorizer = (code, argument, detail) => {
    if (isHarmless(code, argument, detail)) return verdict.allow;
    this.refused = true;
    return verdict.deny;
  };
}

function isHarmless(code: number, argument: string | null, detail: string | null): boolean {
  switch (code) {
    case action.select:
    case action.read:
    case action.recursive:
    case action.insert:
    case action.update:
    case action.delete:
      return true;
    case action.function:
      return !functionsOfWriter.includes(detail ?? '');
    case action.pragma: {
      const name = argument?.toLowerCase() ?? '';
      return readingPragmas.includes(name) || (valuesOfFile.includes(name) && detail === null);
    }
    default:
      return false;
  }
}

/** Settings of the connections that the driver relies on, and the only value that they may be set to. */
const settingsOfDriver: ReadonlyMap<string, string | undefined> = new Map([
  ['busy_timeout', undefined],
  ['journal_mode', 'wal'],
  ['locking_mode', 'normal'],
]);

/** Pragmas that change what a later statement of the same connection reads. */
const pragmasOfReading = [
  'case_sensitive_like',
  'full_column_names',
  'reverse_unordered_selects',
  'short_column_names',
  'trusted_schema',
];

/** Whether an action may add a database. The first temporary object adds `temp`; `vacuum` adds one while it runs. */
export function addsDatabase(code: number): boolean {
  return addingActions.includes(code);
}

const addingActions: readonly number[] = [
  action.createTempIndex,
  action.createTempTable,
  action.createTempTrigger,
  action.createTempView,
  action.attach,
];

/** Detects changes of the writer's state, which the reader does not share: the two share only the file. */
export class WriterWatch implements Rules {
  /** The setting of the driver that the last statement tried to change. */
  refusedPragma: string | undefined;
  /** Whether the last statement changed how the connection reads. */
  changedReading = false;
  /** Whether the last statement may have added a database to the connection. */
  mayHaveAdded = false;

  reset(): void {
    this.refusedPragma = undefined;
    this.changedReading = false;
    this.mayHaveAdded = false;
  }

  readonly authorize: Authorizer = (code, argument, detail) => {
    if (addsDatabase(code)) this.mayHaveAdded = true;
    if (code !== action.pragma || argument === null || detail === null) return verdict.allow;
    const name = argument.toLowerCase();
    if (pragmasOfReading.includes(name)) this.changedReading = true;
    if (!settingsOfDriver.has(name) || settingsOfDriver.get(name) === detail.toLowerCase()) return verdict.allow;
    this.refusedPragma = name;
    return verdict.deny;
  };
}
