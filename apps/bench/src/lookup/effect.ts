import { Context } from 'effect';
import { services, Wanted } from './services.ts';

const wanted = Context.Service<Wanted>('wanted');

export function open(): () => Wanted {
  let context = Context.empty() as Context.Context<Wanted>;
  for (const [name, type] of services) {
    context = Context.add(context, name === 'wanted' ? wanted : Context.Service<Wanted>(name), new type());
  }
  return () => Context.get(context, wanted);
}
