import { Application, BindingScope } from '@loopback/core';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const app = new Application();
  for (const [name, type] of services) app.bind(`services.${name}`).toClass(type).inScope(BindingScope.SINGLETON);
  return () => app.getSync<Wanted>('services.wanted');
}
