import 'reflect-metadata';
import { Container } from 'inversify';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const container = new Container();
  for (const [, type] of services) container.bind(type).toSelf().inSingletonScope();
  return () => container.get(Wanted);
}
