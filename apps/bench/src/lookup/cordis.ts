import { Context } from 'cordis';
import { services, Wanted } from './services.ts';

declare module 'cordis' {
  interface Context {
    wanted: Wanted;
  }
}

export function open(): () => Wanted {
  const context = new Context();
  for (const [name, type] of services) context.set(name, new type());
  return () => context.wanted;
}
