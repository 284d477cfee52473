import { each, madeService, prelude, serviceClass, type Program } from '../text.ts';

/** A plugin per service, which reads its needs from the instance; plugins are loaded in sequence. */
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
