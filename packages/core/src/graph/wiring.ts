/** Groups the needs of a component by the place of their injection. */
import type { Declarations, NeedDeclaration } from '../component/declaration-types.ts';
import type { Key } from '../context/key.ts';
import type { Need, Wiring } from './plan.ts';

/** @param keyOf - returns the key of a need; undefined leaves the need out */
export function wiringOf({ needs }: Declarations, keyOf: (need: NeedDeclaration) => Key | undefined): Wiring {
  if (needs.length === 0) return nothingInjected;
  const constructor: Array<Need | undefined> = [];
  const properties: Need[] = [];
  const methods = new Map<PropertyKey, Array<Need | undefined>>();
  for (const declaration of needs) {
    const key = keyOf(declaration);
    if (!key) continue;
    const { member, index } = declaration;
    const need: Need = { declaration, key };
    if (member === undefined) constructor[index!] = need;
    else if (index === undefined) properties.push(need);
    else {
      const parameters = methods.get(member) ?? [];
      parameters[index] = need;
      methods.set(member, parameters);
    }
  }
  return { constructor, properties, methods };
}

/** The wiring of all components without needs. */
const nothingInjected: Wiring = { constructor: [], properties: [], methods: new Map() };
