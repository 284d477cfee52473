import { Container, type Spec } from '@inferdi/inferdi';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const container = new Container<{ wanted: Spec<Wanted> }>();
  for (const [name, type] of services) container.registerClass(name, type, []);
  return () => container.get('wanted');
}
