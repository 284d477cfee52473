import { errorOf } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as v from 'valibot';
import { z } from 'zod';
import { component, Component, inject, provides, startApplication, token } from '@asphalt/core';
import { checked, unchecked } from '@asphalt/core/checked';
import { CheckError, UnknownTypeError } from '@asphalt/core/errors';
import { Currency, Level, Mixed } from './enums.ts';

class User {
  constructor(readonly name: string) {}
  greet(): string {
    return `I am ${this.name}`;
  }
}

class Users {
  @checked() rename(user: User, name: string, times?: number): string {
    return `${user.greet()}, then ${name}, ${times} times`;
  }
  @checked({ returns: z.object({ id: z.number() }) }) async load(id: number): Promise<{ id: number }> {
    return { id: id === 13 ? ('x' as never) : id };
  }
  @checked({ args: [z.object({ limit: z.number().max(10) })], yields: User }) *list(options: {
    limit: number;
  }): Generator<User, void, string | undefined> {
    for (let index = 0; index < options.limit; index++) yield index === 3 ? ('nobody' as never) : new User(`${index}`);
  }
  @checked({ args: [undefined, unchecked] }) keep(key: string, value: unknown): void {
    this.kept.set(key, value);
  }
  @checked() static of(name: string): User {
    return name === '' ? ('' as never) : new User(name);
  }
  readonly kept = new Map<string, unknown>();
}

/** Returns the message of the `CheckError` that a call throws. */
function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof CheckError) return error.message.replace(/called at .*/, 'called at    (here)');
    throw error;
  }
  throw new Error('expected a refusal');
}

const wrong = (value: unknown): never => value as never;

describe('a checked method', () => {
  const users = new Users();

  test('behaves like the original method when all values match', async () => {
    expect(users.rename(new User('Ann'), 'Bea')).toBe('I am Ann, then Bea, undefined times');
    expect(await users.load(7)).toEqual({ id: 7 });
    expect(Array.from(users.list({ limit: 2 }), ({ name }) => name)).toEqual(['0', '1']);
    expect(Users.of('Ann').name).toBe('Ann');
    users.keep('a', 1);
    expect(users.kept.get('a')).toBe(1);
  });

  test('rejects arguments that do not match the emitted types, without quoting values', () => {
    expect(refusalOf(() => users.rename(new User('Ann'), wrong(5)))).toMatchInlineSnapshot(`
      "\`name\` of Users.rename() must be a string, got a number
        called at    (here)
        code         ERR_CHECK"
    `);
    expect(refusalOf(() => users.rename(wrong({ name: 'Ann' }), 'Bea'))).toMatchInlineSnapshot(`
      "\`user\` of Users.rename() must be an instance of User, got an object with \`name\`
        called at    (here)
        issue        method \`greet\` is missing
        code         ERR_CHECK"
    `);
    expect(refusalOf(() => users.rename(new User('Ann'), 'Bea', wrong('hunter2')))).not.toContain('hunter2');
  });

  test('rejects arguments that do not match their schema, with the path of each issue', () => {
    expect(refusalOf(() => users.list({ limit: 11 }))).toMatchInlineSnapshot(`
      "\`options\` of Users.list() must match its zod schema, got an object with \`limit\`
        called at    (here)
        issue        limit: Too big: expected number to be <=10
        code         ERR_CHECK"
    `);
  });

  test('rejects results, promise values and yielded values that do not match', async () => {
    expect(refusalOf(() => Users.of(''))).toMatchInlineSnapshot(`
      "The result of Users.of() must be an instance of User, got an empty string
        code         ERR_CHECK"
    `);
    expect((await errorOf(() => users.load(13))).message).toMatchInlineSnapshot(`
      "The result of Users.load() must match its zod schema, got an object with \`id\`
        issue        id: Invalid input: expected number, received string
        code         ERR_CHECK"
    `);
    expect(refusalOf(() => [...users.list({ limit: 5 })])).toMatchInlineSnapshot(`
      "A value yielded by Users.list() must be an instance of User, got a string of 6 characters
        code         ERR_CHECK"
    `);
  });

  test('accepts any object with the methods of a class as an instance of it', () => {
    expect(users.rename(wrong({ greet: () => 'I am a fake' }), 'Bea')).toContain('I am a fake');
  });

  test('throws an error whose first stack frame is the caller', () => {
    let error: unknown;
    function careless(): void {
      users.rename(wrong(1), 'Bea');
    }
    try {
      careless();
    } catch (thrown) {
      error = thrown;
    }
    expect((error as Error).stack!.split('\n').find((line) => line.trim().startsWith('at '))).toContain('careless');
  });

  test('keeps its name, its length, its `this` and its own errors', () => {
    class Own {
      readonly me = this;
      @checked() self(_a: string, _b?: string): object {
        return this.me;
      }
      @checked({ returns: unchecked }) fail(): never {
        throw new RangeError('its own');
      }
    }
    const own = new Own();
    expect([own.self.name, own.self.length]).toEqual(['self', 2]);
    expect(() => own.fail()).toThrow(RangeError);
  });

  test('throws an error that omits the value quoted by a schema', () => {
    class Login {
      @checked({ args: [v.pipe(v.string(), v.minLength(20))] }) enter(_password: string): void {}
    }
    const text = refusalOf(() => new Login().enter('correct horse'));
    expect(text).not.toContain('correct horse');
    const number = refusalOf(() => new Login().enter(wrong(42_424_242)));
    expect(number).toMatchInlineSnapshot(`
      "\`_password\` of Login.enter() must match its valibot schema, got a number
        called at    (here)
        issue        Invalid type: Expected string but received a number
        code         ERR_CHECK"
    `);
  });

  test('checks each argument of a rest parameter', () => {
    class Names {
      @checked({ args: [undefined, String] }) join(_glue: string, ..._names: string[]): void {}
    }
    new Names().join('-');
    new Names().join('-', 'a', 'b');
    expect(refusalOf(() => new Names().join('-', 'a', wrong(1)))).toContain(
      '`_names` of Names.join() must be a string',
    );
  });

  test('rejects a schema that is asynchronous', () => {
    class Slow {
      @checked({ args: [z.string().refine(async () => true)] }) take(_text: string): void {}
    }
    expect(refusalOf(() => new Slow().take('x'))).toContain('its schema is asynchronous');
  });
});

describe('a checked generator', () => {
  class Talk {
    readonly log: unknown[] = [];
    @checked({ yields: Number, returns: Number }) *sync(): Generator<number, number, string | undefined> {
      try {
        this.log.push(yield 1);
        try {
          this.log.push(yield 2);
        } catch (error) {
          this.log.push((error as Error).message);
        }
        return 3;
      } finally {
        this.log.push('end');
      }
    }
    @checked({ yields: String }) async *async(): AsyncGenerator<string, void, string | undefined> {
      try {
        this.log.push(yield 'a');
        try {
          this.log.push(yield 'b');
        } catch (error) {
          this.log.push((error as Error).message);
        }
      } finally {
        this.log.push('end');
      }
    }
  }

  test('receives the values, errors and returns of its consumer', () => {
    const talk = new Talk();
    const generator = talk.sync();
    expect(talk.log).toEqual([]);
    expect(generator.next('ignored')).toEqual({ value: 1, done: false });
    expect(generator.next('first')).toEqual({ value: 2, done: false });
    expect(generator.throw(new Error('second'))).toEqual({ value: 3, done: true });
    expect(talk.log).toEqual(['first', 'second', 'end']);
    const left = new Talk();
    for (const value of left.sync()) if (value === 1) break;
    expect(left.log).toEqual(['end']);
  });

  test('receives the values, errors and returns of its consumer when it is asynchronous', async () => {
    const talk = new Talk();
    const generator = talk.async();
    expect(await generator.next('ignored')).toEqual({ value: 'a', done: false });
    expect(await generator.next('first')).toEqual({ value: 'b', done: false });
    expect(await generator.throw(new Error('second'))).toEqual({ value: undefined, done: true });
    expect(talk.log).toEqual(['first', 'second', 'end']);
    const left = new Talk();
    for await (const value of left.async()) if (value === 'a') break;
    expect(left.log).toEqual(['end']);
  });
});

describe('@checked() with an unknown type', () => {
  const declare = (decorate: () => unknown): string => {
    try {
      decorate();
    } catch (error) {
      if (error instanceof UnknownTypeError) return error.message.replace(/declared at .*/, 'declared at  (here)');
      throw error;
    }
    throw new Error('expected a refusal');
  };

  test('fails at the declaration of a method with an unknown parameter type', () => {
    expect(
      declare(() => {
        class Shapes {
          @checked() draw(_name: string, _shape: { sides: number }): void {}
        }
        return Shapes;
      }),
    ).toMatchInlineSnapshot(`
      "@checked() cannot check Shapes.draw(): the compiler emitted no usable type for \`_shape\`
        declared at  (here)
        help         specify a schema or a class: @checked({ args: [undefined, z.object({ … })] })
                     or skip the check: @checked({ args: [undefined, unchecked] })
        code         ERR_UNKNOWN_TYPE"
    `);
    expect(
      declare(() => {
        class Plain {
          add(_a: number): void {}
        }
        const descriptor = Object.getOwnPropertyDescriptor(Plain.prototype, 'add')!;
        checked()(Plain.prototype, 'add', descriptor);
      }),
    ).toMatchInlineSnapshot(`
      "@checked() cannot check Plain.add(): its types were not emitted
        declared at  (here)
        help         compile it with emitDecoratorMetadata, as asphalt run, tsc and vitest do
                     or specify a schema or a class: @checked({ args: [z.object({ … })] })
                     or skip the check: @checked({ args: [unchecked] })
        code         ERR_UNKNOWN_TYPE"
    `);
  });

  test('fails at the first result of an unknown type that is not undefined', async () => {
    class Vague {
      @checked() async find(id: string): Promise<{ id: string } | undefined> {
        return id === '' ? undefined : { id };
      }
      @checked() *all(): Generator<number> {
        yield 1;
      }
    }
    const vague = new Vague();
    expect(await vague.find('')).toBeUndefined();
    expect((await errorOf(() => vague.find('a'))).message).toMatchInlineSnapshot(`
      "@checked() cannot check Vague.find(): it returns an object with \`id\`, but the type is unknown
        help         specify a schema or a class: @checked({ returns: … })
                     or skip the check: @checked({ returns: unchecked })
        code         ERR_UNKNOWN_TYPE"
    `);
    expect(() => [...vague.all()]).toThrow(UnknownTypeError);
  });

  test('reports all methods of a class without emitted types in one error', () => {
    const note = (): MethodDecorator => () => undefined;
    expect(
      declare(() => {
        @checked()
        class Half {
          @note() known(_text: string): void {}
          first(): void {}
          second(): void {}
        }
        return Half;
      }),
    ).toMatchInlineSnapshot(`
      "@checked() cannot check Half: the compiler emitted no types for first(), second()
        declared at  (here)
        help         put @checked() on each method: the compiler emits types only for methods with a decorator
        code         ERR_UNKNOWN_TYPE"
    `);

    @checked()
    class Whole {
      @note() known(text: string): string {
        return text;
      }
      @checked({ returns: unchecked }) other(): unknown {
        return 1;
      }
    }
    expect(refusalOf(() => new Whole().known(wrong(1)))).toContain('`text` of Whole.known() must be a string');
    expect(new Whole().other()).toBe(1);
  });

  test('fails on a member that is not a method', () => {
    expect(
      declare(() => {
        class Accessor {
          // @ts-expect-error -- an accessor is not a method
          @checked() get value(): string {
            return '';
          }
        }
        return Accessor;
      }),
    ).toContain('it is not a method');
  });
});

describe('@checked() under environment variables', () => {
  beforeEach(() => {
    vi.stubEnv('NODE_ENV', 'test');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** Returns whether a decorated method is still the original function. */
  function isUntouched(): boolean {
    class Plain {
      add(a: number, b: number): number {
        return a + b;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Plain.prototype, 'add') as TypedPropertyDescriptor<Plain['add']>;
    const before: unknown = descriptor.value;
    checked({ args: [Number, Number], returns: Number })(Plain.prototype, 'add', descriptor);
    return descriptor.value === before;
  }

  test.each([
    ['production', undefined, true],
    ['production', 'on', false],
    ['development', undefined, false],
    ['development', 'off', true],
    [undefined, undefined, false],
  ])(
    'with NODE_ENV %s and ASPHALT_CHECKS %s, the method stays the original function: %s',
    (environment, checks, untouched) => {
      vi.stubEnv('NODE_ENV', environment);
      vi.stubEnv('ASPHALT_CHECKS', checks);
      expect(isUntouched()).toBe(untouched);
    },
  );
});

test('@checked() checks providers and hooks, including their injected values', async () => {
  const size = token<number>('size');
  const area = token<number>('area');
  class Sizes extends Component {
    @provides(size) @checked() size(): number {
      return wrong('three');
    }
  }
  class Areas extends Component {
    @checked() @provides(area) area(@inject(size) length: number): number {
      return length * length;
    }
  }
  @component({ components: { sizes: Sizes, areas: Areas } })
  class App extends Component {}
  expect((await errorOf(() => startApplication(App))).message).toMatchInlineSnapshot(`
    "The result of Sizes.size() must be a number, got a string of 5 characters
      called in    size() of component \`sizes\` (Sizes)
      path         App › sizes (Sizes)
      cause        ERR_CHECK
      code         ERR_COMPONENT_START"
  `);
});

describe('@checked() with an enum of another module', () => {
  class Bank {
    @checked() open(_level: Level, _currency: Currency): void {}
  }

  test('checks values by the type of the enum members', () => {
    const bank = new Bank();
    bank.open(Level.High, Currency.Euro);
    expect(refusalOf(() => bank.open(wrong('Low'), Currency.Euro))).toContain(
      '`_level` of Bank.open() must be a number',
    );
    expect(refusalOf(() => bank.open(Level.Low, wrong(1)))).toContain('`_currency` of Bank.open() must be a string');
  });

  test('fails at the declaration if the enum members have two types', () => {
    const declare = (): unknown => {
      class Odd {
        @checked() open(_mixed: Mixed): void {}
      }
      return Odd;
    };
    expect(declare).toThrow(UnknownTypeError);
  });
});
