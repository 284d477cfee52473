/** The queue of calls that wait for a thread, in the order in which they were made. Piscina takes its tasks from it. */
import type { TaskQueue } from 'piscina';
import type { ThreadCall } from './thread-call.ts';

/** Piscina's representation of a call. */
export type Task = Parameters<TaskQueue['push']>[0];

/** Number of empty places that are removed at a time, so that `shift` takes constant time on average. */
const cut = 1024;

export class CallQueue implements TaskQueue {
  readonly #callOf: (task: Task) => ThreadCall;
  readonly #tasks: Array<Task | null> = [];
  /** The index of the first task; the places before it are empty. */
  #first = 0;

  /** @param callOf - returns the call of a task */
  constructor(callOf: (task: Task) => ThreadCall) {
    this.#callOf = callOf;
  }

  get size(): number {
    return this.#tasks.length - this.#first;
  }

  /** Returns the call at a place in the queue, from 0. */
  at(place: number): ThreadCall | undefined {
    const task = this.#tasks[this.#first + place];
    return task ? this.#callOf(task) : undefined;
  }

  shift(): Task | null {
    if (this.size === 0) return null;
    const task = this.#tasks[this.#first]!;
    this.#tasks[this.#first++] = null;
    if (this.#first === cut) {
      this.#tasks.splice(0, cut);
      this.#first = 0;
    }
    return task;
  }

  /** Adds a task. A call that is passed to piscina a second time keeps its place before later calls. */
  push(task: Task): void {
    const first = this.at(0);
    if (first && this.#callOf(task).id < first.id) this.unshift(task);
    else this.#tasks.push(task);
  }

  unshift(task: Task): void {
    if (this.#first > 0) this.#tasks[--this.#first] = task;
    else this.#tasks.unshift(task);
  }

  remove(task: Task): void {
    this.#removeAt(this.#tasks.indexOf(task, this.#first));
  }

  /** @returns whether the call was in the queue */
  removeCall(call: ThreadCall): boolean {
    return this.#removeAt(this.#tasks.findIndex((task) => task !== null && this.#callOf(task) === call));
  }

  #removeAt(index: number): boolean {
    if (index === this.#first) this.shift();
    else if (index > 0) this.#tasks.splice(index, 1);
    return index >= 0;
  }
}
