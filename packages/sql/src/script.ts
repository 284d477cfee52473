/** Executes texts with several statements. Each database splits them by its own rules. */
import { CompiledQuery, createQueryId, MysqlAdapter, type Kysely, type RawNode } from 'kysely';

/** A text with any number of statements, without parameters. The driver of SQLite recognizes the class. */
export class Script implements CompiledQuery {
  readonly query: RawNode;
  readonly queryId = createQueryId();
  readonly parameters: readonly unknown[] = [];

  constructor(readonly sql: string) {
    this.query = CompiledQuery.raw(sql).query as RawNode;
  }
}

/**
 * Executes all statements of a text, in their order. In SQLite and PostgreSQL either all of them take effect or none.
 *
 * The text can contain what a script for `sqlite3` or `psql` contains, except commands of the program. For MariaDB and
 * MySQL, lines such as `DELIMITER //` change the delimiter, as in the `mariadb` program.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the schema of Database
export async function executeScript(db: Kysely<any>, text: string): Promise<void> {
  const { adapter } = db.getExecutor();
  if (adapter instanceof MysqlAdapter) {
    const executeAll = async (on: typeof db): Promise<void> => {
      for (const sql of splitForMysql(text)) await on.executeQuery(CompiledQuery.raw(sql));
    };
    await (db.isTransaction ? executeAll(db) : db.connection().execute(executeAll));
  } else if (db.isTransaction) await db.executeQuery(new Script(text));
  else await db.transaction().execute(async (transaction) => transaction.executeQuery(new Script(text)));
}

/** Strings and quoted names, which may contain the delimiter. Comments are separate: they are no statement. */
const quoted = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`/suy;
/** `/*!` starts a comment that MariaDB and MySQL execute. */
const comment = /--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!!).*?\*\//suy;
const delimiterLine = /delimiter[ \t]+(\S+)[^\n]*/iuy;

/** Splits a script by the rules of the `mariadb` program. */
export function splitForMysql(text: string): string[] {
  const statements: string[] = [];
  let delimiter = ';';
  let start = 0;
  let isEmpty = true;
  const end = (at: number, next: number): void => {
    if (!isEmpty) statements.push(text.slice(start, at).trim());
    start = next;
    isEmpty = true;
  };
  for (let at = 0; at < text.length;) {
    const skipped = match(comment, text, at) ?? match(/\s+/uy, text, at);
    const command = isEmpty && match(delimiterLine, text, at);
    if (skipped) at += skipped[0].length;
    else if (command) {
      delimiter = command[1]!;
      at += command[0].length;
      start = at;
    } else if (text.startsWith(delimiter, at)) {
      end(at, at + delimiter.length);
      at += delimiter.length;
    } else {
      isEmpty = false;
      at += match(quoted, text, at)?.[0].length ?? 1;
    }
  }
  end(text.length, text.length);
  return statements;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
