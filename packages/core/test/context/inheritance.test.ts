import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Context } from '../../src/context/context.ts';
import { ResourceConflictError } from '../../src/context/errors.ts';
import { token, type Token } from '../../src/context/key.ts';

/** A naive context: everything is copied, always. */
class Model {
  readonly values: Map<string, string>;
  readonly factories: Map<string, { readonly label: string }>;
  readonly made = new Map<string, string>();

  constructor(parent?: Model) {
    this.values = new Map(parent?.values);
    this.factories = new Map(parent?.factories);
  }

  /** @returns whether nothing stood in the way */
  add(keys: readonly string[], value: string): boolean {
    if (keys.some((key) => this.values.has(key) || this.madeFor(key) !== undefined)) return false;
    for (const key of keys) this.values.set(key, value);
    return true;
  }

  addFactory(keys: readonly string[], label: string): boolean {
    if (keys.some((key) => this.factories.has(key))) return false;
    for (const key of keys) this.factories.set(key, { label });
    return true;
  }

  /** What stands under the key otherwise stays. */
  remove(keys: readonly string[], what: 'values' | 'factories'): void {
    for (const key of keys) this[what].delete(key);
  }

  /** What was made already. */
  madeFor(key: string): string | undefined {
    return this.made.get(this.factories.get(key)?.label ?? '');
  }

  get(key: string, context: number): string | undefined {
    const factory = this.factories.get(key);
    const found = this.values.get(key) ?? this.madeFor(key);
    if (found !== undefined || !factory) return found;
    this.made.set(factory.label, `${factory.label} in ${context}`);
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
    'remove value' as const,
    'remove factory' as const,
  ),
  // Which context, counted from the newest so that deep trees are common.
  back: fc.nat({ max: 5 }),
  ids,
  name: fc.constantFrom(...names),
});

const keyOf = (id: Token<string>, name: string): string => `${id.name} ${name}`;
const keysOf = (list: ReadonlyArray<Token<string>>, name: string): string[] => list.map((id) => keyOf(id, name));

test('a context sees what its parent had when it was opened and what it added itself, whatever happens elsewhere', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const contexts = [new Context('0')];
      const models = [new Model()];
      const actual: unknown[] = [];
      const wanted: unknown[] = [];
      steps.forEach((doing, number) => {
        const index = Math.max(0, contexts.length - 1 - doing.back);
        const context = contexts[index]!;
        const model = models[index]!;
        const keys = keysOf(doing.ids, doing.name);
        const options = { name: doing.name };
        const outcome = (act: () => void): boolean => {
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
          case 'add':
            actual.push(outcome(() => context.addResource(doing.ids, `value ${number}`, options)));
            wanted.push(model.add(keys, `value ${number}`));
            break;
          case 'factory':
            actual.push(
              outcome(() =>
                context.addResourceFactory(doing.ids, (asking) => `made ${number} in ${asking.name}`, options),
              ),
            );
            wanted.push(model.addFactory(keys, `made ${number}`));
            break;
          case 'get':
            actual.push(context.findResource(doing.ids[0], doing.name));
            wanted.push(model.get(keys[0]!, index));
            break;
          case 'remove value':
            context.removeResource(doing.ids, doing.name);
            model.remove(keys, 'values');
            break;
          case 'remove factory':
            context.removeResourceFactory(doing.ids, doing.name);
            model.remove(keys, 'factories');
        }
      });
      expect(actual).toEqual(wanted);
      contexts.forEach((context, index) => {
        const model = models[index]!;
        for (const id of tokens) {
          const there = names.filter(
            (name) => model.values.has(keyOf(id, name)) || model.madeFor(keyOf(id, name)) !== undefined,
          );
          expect([...context.getResources(id).keys()].sort()).toEqual(there.sort());
          const known = names.filter(
            (name) => model.values.has(keyOf(id, name)) || model.factories.has(keyOf(id, name)),
          );
          const listed = [...context.keys()].filter((key) => key.id === id).map(({ name }) => name);
          expect(listed.sort()).toEqual(known.sort());
          for (const name of names) {
            expect(context.findResource(id, name)).toBe(model.get(keyOf(id, name), index));
          }
        }
      });
    }),
    { numRuns: 300 },
  );
});
