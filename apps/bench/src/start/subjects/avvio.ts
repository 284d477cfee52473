import { each, madeService, prelude, serviceClass, type Program } from '../text.ts';

/** A plugin for each service, which finds on the instance what it needs; plugins are loaded one after the other. */
export const avvio: Program = {
  libraries: ['avvio'],
  stops: 'each before its needs',
  write: (graph) => `
import avvio from 'avvio';
${prelude}
${each(graph, (service) => serviceClass(service))}

export function build() {
  const app = avvio({}, { expose: {}, autostart: false });
  ${each(graph, (service) => {
    const { index } = service;
    const value = madeService(service).value.replaceAll(/\bservice\d/g, 'instance.$&');
    return `app.use(async (instance) => {
      instance.service${index} = ${value};
      instance.onClose(async () => instance.service${index}.stop());
    });`;
  })}
  return {
    async start() { app.start(); await app.ready(); },
    stop: () => app.close(),
  };
}`,
};
