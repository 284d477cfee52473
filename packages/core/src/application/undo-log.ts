/**
 * The undos of one component's phases. A stop may undo a phase that is still running: the log then stops the phase from
 * publishing, and the phase is undone again when it settles. It must not decide when to undo; `Stopping` does.
 */
import type { Phase } from '../graph/plan.ts';

/** The effects of a phase. */
export interface Undoable {
  /** Undoes the effects. A second call undoes only later additions. */
  undo(error: unknown): unknown;
  /** Removes a published resource from all contexts. */
  withdraw?(): void;
}

export class UndoLog {
  readonly #undos = new Map<Phase, Undoable>();
  /** The phases that were undone while they ran, each with the reason. */
  #undoneEarly: Map<Phase, unknown> | undefined;

  /** Records the effects of a phase before it runs. Construction has none, because closing the context undoes it. */
  record(phase: Phase, undoable: Undoable): void {
    this.#undos.set(phase, undoable);
  }

  undo(phase: Phase, error: unknown): unknown {
    return this.#undos.get(phase)?.undo(error);
  }

  /** Marks a phase that is undone while it runs. */
  undoWhenSettled(phase: Phase, reason: unknown): void {
    (this.#undoneEarly ??= new Map()).set(phase, reason);
  }

  wasUndoneEarly(phase: Phase): boolean {
    return this.#undoneEarly?.has(phase) ?? false;
  }

  /** Throws the reason if a phase was undone while it ran, so that its later effects do not happen. */
  throwIfUndone(phase: Phase): void {
    if (this.#undoneEarly?.has(phase)) throw this.#undoneEarly.get(phase);
  }

  /** Removes all published resources, including those whose undo hangs. */
  withdrawAll(): void {
    for (const undoable of this.#undos.values()) undoable.withdraw?.();
  }
}
