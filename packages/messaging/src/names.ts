import { MessagingOptionError } from './errors.ts';

/** The names that every engine can store. */
const pattern = /^[A-Za-z0-9][\w-]{0,63}$/;

/** @throws {@link MessagingOptionError} when a name cannot be used on every engine */
export function checkName(kind: 'queue' | 'topic' | 'group' | 'leader', name: string): void {
  if (pattern.test(name)) return;
  const help = 'use up to 64 letters, digits, `-` and `_`';
  throw new MessagingOptionError(`${kind} "${name}"`, 'name', 'must be one that every engine can store', help);
}
