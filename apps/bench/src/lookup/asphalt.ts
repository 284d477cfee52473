import { Context } from '@asphalt/core';
import { services, Wanted } from './services.ts';

export function open(): () => Wanted {
  const application = new Context();
  for (const [, type] of services) application.addResource(type, new type());
  const request = application.child();
  return () => request.getResourceSync(Wanted);
}
