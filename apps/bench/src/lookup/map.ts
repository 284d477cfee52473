import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const map = new Map<new () => object, object>();
  for (const [, type] of services) map.set(type, new type());
  return () => map.get(Wanted) as Wanted;
}
