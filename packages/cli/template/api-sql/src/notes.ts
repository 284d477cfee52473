import { randomUUID } from 'node:crypto';
import { component, Component, inject, provides } from '@asphalt/core';
import { Transaction } from '@asphalt/sql';

export interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly created: string;
}

interface Schema {
  note: Note;
}

/** The notes as the transaction of one request sees them. */
export class Notes {
  readonly #tx: Transaction<Schema>;

  constructor(tx: Transaction<Schema>) {
    this.#tx = tx;
  }

  newest(limit: number): Promise<Note[]> {
    return this.#tx.selectFrom('note').selectAll().orderBy('created', 'desc').orderBy('id').limit(limit).execute();
  }

  find(id: string): Promise<Note | undefined> {
    return this.#tx.selectFrom('note').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async add(note: Pick<Note, 'title' | 'text'>): Promise<Note> {
    const added = { id: randomUUID(), ...note, created: new Date().toISOString() };
    await this.#tx.insertInto('note').values(added).execute();
    return added;
  }

  /** Returns whether the note existed. */
  async delete(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#tx.deleteFrom('note').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0;
  }
}

@component({ description: 'Notes in the database' })
export class NotesComponent extends Component {
  /** Creates a value for each request, with its transaction. */
  @provides(Notes, { scope: 'context' })
  notes(@inject(Transaction) tx: Transaction<Schema>): Notes {
    return new Notes(tx);
  }
}
