import { Injector } from '@ditsmod/core';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const injector = Injector.resolveAndCreate(services.map(([, type]) => type));
  return () => injector.get(Wanted);
}
