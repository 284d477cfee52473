/** The calls that wait for a thread, in the order in which they were made. Piscina takes them from here. */
import type { TaskQueue } from 'piscina';
import type { ThreadCall } from './thread-call.ts';

/** What piscina makes of a call that it is given. */
export type Task = Parameters<TaskQueue['push']>[0];

/** So many places of tasks that were taken are cut off at a time: taking one costs the same however many wait. */
const cut = 1024;

export class CallQueue implements TaskQueue {
  readonly #callOf: (task: Task) => ThreadCall;
  readonly #tasks: Array<Task | null> = [];
  /** Where the tasks begin; those before it have been taken. */
  #first = 0;

  /** @param callOf - tells which call a task is */
  constructor(callOf: (task: Task) => ThreadCall) {
    this.#callOf = callOf;
  }

  get size(): number {
    return this.#tasks.length - this.#first;
  }

  /** The call that has so many before it. */
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

  /** A call that is given to piscina a second time keeps its place before those that were made later. */
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

  /** @returns whether the call waited */
  removeCall(call: ThreadCall): boolean {
    return this.#removeAt(this.#tasks.findIndex((task) => task !== null && this.#callOf(task) === call));
  }

  #removeAt(index: number): boolean {
    if (index === this.#first) this.shift();
    else if (index > 0) this.#tasks.splice(index, 1);
    return index >= 0;
  }
}
