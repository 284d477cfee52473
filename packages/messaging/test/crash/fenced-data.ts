/** A row in PostgreSQL that only the leader writes. The database itself checks whether two leaders have acted at the same time. */
import type { Client } from 'pg';

/** The state after many writes. */
export interface Figures {
  /** The highest token. */
  readonly fence: number;
  /** The number of the process that wrote last. */
  readonly writer: number;
  readonly terms: number;
  readonly writes: number;
  /** Writes of a leader after those of a later one, and writes of two processes with the same token. */
  readonly overlaps: number;
  /** Writes that the fence has refused. */
  readonly refused: number;
  /** Refused writes of processes that were never frozen. */
  readonly refusedUnfrozen: number;
}

/** The trigger does not take part in fencing: it counts the same without it. */
const script = `
  create table leader_data (fence bigint not null, writer int not null, terms int not null, writes int not null, overlapping int not null);
  insert into leader_data values (0, 0, 0, 0, 0);
  create table refusal (writer int not null);
  create function audit() returns trigger language plpgsql as $$
  begin
    new.writes = old.writes + 1;
    if new.fence > old.fence then new.terms = old.terms + 1; end if;
    if new.fence < old.fence or (new.fence = old.fence and new.writer <> old.writer) then
      new.overlapping = old.overlapping + 1;
    end if;
    return new;
  end $$;
  create trigger audit before update on leader_data for each row execute function audit();`;

export async function createFencedData(client: Client): Promise<void> {
  await client.query(script);
}

/** Writes with the token of a term. @param isFenced - whether the statement contains the fence, as it must */
export async function write(client: Client, token: number, writer: number, isFenced: boolean): Promise<void> {
  const fence = isFenced ? 'where fence <= $1' : '';
  const { rowCount } = await client.query(`update leader_data set fence = $1, writer = $2 ${fence}`, [token, writer]);
  if (rowCount === 0) await client.query('insert into refusal values ($1)', [writer]);
}

/** @param frozen - the numbers of the processes that were frozen at least once */
export async function readFigures(client: Client, frozen: Iterable<number> = []): Promise<Figures> {
  const { rows } = await client.query(
    `select fence::int, writer, terms, writes, overlapping as "overlaps",
       (select count(*)::int from refusal) as refused,
       (select count(*)::int from refusal where writer <> all ($1)) as "refusedUnfrozen"
     from leader_data`,
    [[...frozen]],
  );
  return rows[0] as Figures;
}
