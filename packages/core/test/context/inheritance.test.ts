import { Context, token, type Token } from '@asphalt/core';
import { ResourceConflictError } from '@asphalt/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** A publication under a key. All contexts that inherit it share one object. */
interface Slot {
  readonly owner: Model;
  readonly kind: 'value' | 'factory';
  content: string | undefined;
  what: object | undefined;
}

/** A reference model of a context that copies everything. */
class Model {
  /** The slots of each key, newest first. */
  readonly slots: Map<string, readonly Slot[]>;
  readonly made = new Map<string, string>();

  constructor(parent?: Model) {
    this.slots = new Map(parent?.slots);
  }

  #content(key: string, kind: Slot['kind']): string | undefined {
    return this.slots.get(key)?.find((slot) => slot.kind === kind && slot.content !== undefined)?.content;
  }

  hasValue(key: string): boolean {
    return this.#content(key, 'value') !== undefined || this.madeFor(key) !== undefined;
  }

  isKnown(key: string): boolean {
    return this.#content(key, 'value') !== undefined || this.#content(key, 'factory') !== undefined;
  }

  /** @returns whether the key was free */
  add(keys: readonly string[], value: string, what: object): boolean {
    if (keys.some((key) => this.hasValue(key))) return false;
    for (const key of keys) this.#fill(key, 'value', value, what);
    return true;
  }

  addFactory(keys: readonly string[], label: string, what: object): boolean {
    if (keys.some((key) => this.#content(key, 'factory') !== undefined)) return false;
    for (const key of keys) this.#fill(key, 'factory', label, what);
    return true;
  }

  /** Fills the slot of a withdrawn resource, for all contexts that share it, or adds a new slot. */
  #fill(key: string, kind: Slot['kind'], content: string, what: object): void {
    const slots = this.slots.get(key) ?? [];
    const free = slots.find((slot) => slot.owner === this && slot.kind === kind && slot.content === undefined);
    if (free) Object.assign(free, { content, what });
    else this.slots.set(key, [{ owner: this, kind, content, what }, ...slots]);
  }

  withdraw(keys: readonly string[], what: object): void {
    for (const key of keys) {
      for (const slot of this.slots.get(key) ?? []) if (slot.what === what) slot.content = slot.what = undefined;
    }
  }

  /** The value that the factory has created, if any. */
  madeFor(key: string): string | undefined {
    return this.made.get(this.#content(key, 'factory') ?? '');
  }

  get(key: string, context: number): string | undefined {
    const factory = this.#content(key, 'factory');
    const existing = this.#content(key, 'value') ?? this.madeFor(key);
    if (existing !== undefined || factory === undefined) return existing;
    this.made.set(factory, `${factory} in ${context}`);
    return this.madeFor(key);
  }
}

const tokens = ['A', 'B', 'C'].map((name) => token<string>(name)) as [Token<string>, ...Array<Token<string>>];
const names = ['default', 'x', 'y'];
const ids = fc
  .shuffledSubarray(tokens, { minLength: 1 })
  .map((list) => list as [Token<string>, ...Array<Token<string>>]);
const step = fc.record({
  do: fc.constantFrom(
    'child' as const,
    'add' as const,
    'add' as const,
    'factory' as const,
    'get' as const,
    'withdraw' as const,
    'withdraw' as const,
  ),
  // The context, counted from the newest so that deep trees are common.
  back: fc.nat({ max: 5 }),
  ids,
  name: fc.constantFrom(...names),
});

const keyOf = (id: Token<string>, name: string): string => `${id.name} ${name}`;
const keysOf = (list: ReadonlyArray<Token<string>>, name: string): string[] => list.map((id) => keyOf(id, name));

test('a context has the resources that its parent had when it was opened, their replacements, and its own', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const contexts = [new Context('0')];
      const models = [new Model()];
      const published: Array<{ index: number; ids: typeof tokens; name: string; what: object }> = [];
      const actual: unknown[] = [];
      const wanted: unknown[] = [];
      steps.forEach((doing, number) => {
        const index = Math.max(0, contexts.length - 1 - doing.back);
        const context = contexts[index]!;
        const model = models[index]!;
        const keys = keysOf(doing.ids, doing.name);
        const outcome = (act: () => unknown): boolean => {
          try {
            act();
            return true;
          } catch (error) {
            if (error instanceof ResourceConflictError) return false;
            throw error;
          }
        };
        switch (doing.do) {
          case 'child':
            contexts.push(context.child(String(contexts.length)));
            models.push(new Model(model));
            break;
          case 'add': {
            const what = {};
            const value = `value ${number}`;
            actual.push(outcome(() => context.resources.publish(doing.ids, value, doing.name, undefined, what)));
            wanted.push(model.add(keys, value, what));
            published.push({ index, ids: doing.ids, name: doing.name, what });
            break;
          }
          case 'factory': {
            let what: object = {};
            const make = (requesting: Context): string => `made ${number} in ${requesting.name}`;
            actual.push(
              outcome(() => (what = context.resources.publishFactory(doing.ids, make, { name: doing.name }))),
            );
            wanted.push(model.addFactory(keys, `made ${number}`, what));
            published.push({ index, ids: doing.ids, name: doing.name, what });
            break;
          }
          case 'get':
            actual.push(context.findResource(doing.ids[0], doing.name));
            wanted.push(model.get(keys[0]!, index));
            break;
          case 'withdraw': {
            const last = published.at(-1 - (doing.back % Math.max(1, published.length)));
            if (!last) break;
            contexts[last.index]!.resources.withdraw(last.ids, last.name, last.what, 'component `a`');
            models[last.index]!.withdraw(keysOf(last.ids, last.name), last.what);
          }
        }
      });
      expect(actual).toEqual(wanted);
      contexts.forEach((context, index) => {
        const model = models[index]!;
        for (const id of tokens) {
          const existing = names.filter((name) => model.hasValue(keyOf(id, name)));
          expect([...context.getResources(id).keys()].sort()).toEqual(existing.sort());
          const known = names.filter((name) => model.isKnown(keyOf(id, name)));
          const listed = [...context.keys()].filter((key) => key.id === id).map(({ name }) => name);
          expect(listed.sort()).toEqual(known.sort());
          for (const name of names) {
            expect(context.findResource(id, name)).toBe(model.get(keyOf(id, name), index));
          }
        }
      });
    }),
    { numRuns: 500 },
  );
});
