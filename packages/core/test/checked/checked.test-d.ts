/** What the compiler must accept and refuse. Each `@ts-expect-error` fails the type check when the error is gone. */
import * as v from 'valibot';
import { z } from 'zod';
import { checked, unchecked } from '@asphalt/core';

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
  // @ts-expect-error -- the schema is of another type
  @checked({ args: [z.number()] }) other(_text: string): void {}
  // @ts-expect-error -- the schema lets pass more than the type
  @checked({ args: [z.unknown()] }) wider(_text: string): void {}
  // @ts-expect-error -- the schema refuses what the type allows
  @checked({ args: [z.string()] }) narrower(_text?: string): void {}
  // @ts-expect-error -- there is no second parameter
  @checked({ args: [z.string(), z.string()] }) more(_text: string): void {}
  // @ts-expect-error -- a Group is no User
  @checked({ args: [Group] }) wrongClass(_user: User): void {}
  // @ts-expect-error -- the result is no number
  @checked({ returns: Number }) result(): string {
    return '';
  }
  // @ts-expect-error -- the promise resolves with text
  @checked({ returns: z.number() }) async resolved(): Promise<string> {
    return '';
  }
  // @ts-expect-error -- it yields text
  @checked({ yields: Number }) *yielded(): Generator<string> {}
  // @ts-expect-error -- it yields nothing
  @checked({ yields: Number }) nothing(): void {}
  // @ts-expect-error -- a property is no method
  @checked() readonly property = 1;
}

// @ts-expect-error -- what is said of one method cannot be meant for a whole class
@checked({ args: [z.string()] })
export class Class {}
