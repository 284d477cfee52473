/** Declarations that the compiler must accept or reject. An `@ts-expect-error` without an error fails the type check. */
import * as v from 'valibot';
import { z } from 'zod';
import { checked, unchecked } from '@asphalt/core/checked';

class User {
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}
class Group {
  readonly members: readonly User[] = [];
}

export class Good {
  @checked() plain(_text: string): void {}
  @checked({ args: [String, Number], returns: Boolean }) primitives(_text: string, _count: number): boolean {
    return true;
  }
  @checked({ args: [User], returns: Group }) classes(_user: User): Group {
    return new Group();
  }
  @checked({ args: [z.object({ limit: z.number() })] }) schema(_options: { limit: number }): void {}
  @checked({ args: [v.optional(v.string())] }) optional(_text?: string): void {}
  @checked({ args: [z.array(z.string())] }) list(_names: readonly string[]): void {}
  @checked({ returns: z.object({ id: z.string() }) }) async resolved(): Promise<{ id: string }> {
    return { id: '' };
  }
  @checked({ yields: User, returns: Number }) *yielded(): Generator<User, number> {
    yield new User();
    return 1;
  }
  @checked({ yields: String }) async *awaited(): AsyncGenerator<string> {}
  @checked({ args: [undefined, unchecked], returns: unchecked }) some(_text: string, _value: unknown): unknown {
    return 1;
  }
  @checked({ args: [z.string()] }) fewer(_text: string, _count: number): void {}
  @checked({ args: [z.string()] }) static ofClass(_text: string): void {}
}

@checked()
export class Whole {}

export class Bad {
  // @ts-expect-error -- the schema has another type
  @checked({ args: [z.number()] }) other(_text: string): void {}
  // @ts-expect-error -- the schema accepts more than the type
  @checked({ args: [z.unknown()] }) wider(_text: string): void {}
  // @ts-expect-error -- the schema rejects values that the type allows
  @checked({ args: [z.string()] }) narrower(_text?: string): void {}
  // @ts-expect-error -- the method has no second parameter
  @checked({ args: [z.string(), z.string()] }) more(_text: string): void {}
  // @ts-expect-error -- a Group is not a User
  @checked({ args: [Group] }) wrongClass(_user: User): void {}
  // @ts-expect-error -- the result is not a number
  @checked({ returns: Number }) result(): string {
    return '';
  }
  // @ts-expect-error -- the promise resolves with a string
  @checked({ returns: z.number() }) async resolved(): Promise<string> {
    return '';
  }
  // @ts-expect-error -- the generator yields strings
  @checked({ yields: Number }) *yielded(): Generator<string> {}
  // @ts-expect-error -- the method is not a generator
  @checked({ yields: Number }) nothing(): void {}
  // @ts-expect-error -- a property is not a method
  @checked() readonly property = 1;
}

// @ts-expect-error -- options describe one method and cannot apply to a class
@checked({ args: [z.string()] })
export class Class {}
