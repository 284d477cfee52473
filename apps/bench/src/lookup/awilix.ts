import { asClass, createContainer } from 'awilix';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const container = createContainer<{ wanted: Wanted }>({ strict: true });
  for (const [name, type] of services) container.register(name, asClass(type).singleton());
  return () => container.resolve('wanted');
}
