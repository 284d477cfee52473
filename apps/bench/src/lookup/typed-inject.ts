import { createInjector, type Injector } from 'typed-inject';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  let injector = createInjector() as Injector<{ wanted: Wanted }>;
  for (const [name, type] of services) injector = injector.provideClass(name, type);
  return () => injector.resolve('wanted');
}
