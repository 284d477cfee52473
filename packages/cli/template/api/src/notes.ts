import { randomUUID } from 'node:crypto';
import { component, Component, defineConfig, health, inject, provides } from '@asphalt/core';

export interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** A resource. It does not depend on the runtime, so it can be tested alone. */
export class Notes {
  readonly #notes = new Map<string, Note>();

  constructor(readonly limit: number) {}

  get isFull(): boolean {
    return this.#notes.size >= this.limit;
  }

  all(): Note[] {
    return [...this.#notes.values()];
  }

  find(id: string): Note | undefined {
    return this.#notes.get(id);
  }

  /** Returns undefined if there are too many notes. */
  add(note: Omit<Note, 'id'>): Note | undefined {
    if (this.isFull) return undefined;
    const added = { id: randomUUID(), ...note };
    this.#notes.set(added.id, added);
    return added;
  }

  /** Returns whether the note existed. */
  delete(id: string): boolean {
    return this.#notes.delete(id);
  }
}

const options = defineConfig({
  limit: { doc: 'Highest number of notes', format: 'int', default: 1000 },
});

@component({ config: options, description: 'Notes in memory' })
export class NotesComponent extends Component<typeof options> {
  @provides(Notes)
  notes(): Notes {
    return new Notes(this.config.limit);
  }

  /** The endpoint /readyz reports `degraded` while this check fails. */
  @health({ critical: false })
  hasRoom(@inject(Notes) notes: Notes): void {
    if (notes.isFull) throw new Error(`${notes.limit} notes are the limit`);
  }
}
