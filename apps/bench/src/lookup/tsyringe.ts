import 'reflect-metadata';
import { container, singleton } from 'tsyringe';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  for (const [, type] of services) singleton()(type);
  return () => container.resolve(Wanted);
}
