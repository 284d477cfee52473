import { each, list, prelude, serviceClass, type Program } from '../text.ts';

/** A layer per service, provided with the layers of its needs; layers are created once. */
export const effect: Program = {
  libraries: ['effect'],
  stops: 'each before its needs',
  write: (graph) => `
import { Context, Effect, Layer, ManagedRuntime } from 'effect';
${prelude}
${each(graph, (service) => {
  const { index, needs, startMs } = service;
  const needed = list(needs.map((need) => `yield* Key${need}`));
  const layers = list(needs.map((need) => `Layer${need}`));
  return `
${serviceClass(service)}
const Key${index} = Context.Service<Service${index}>('Service${index}');
const Layer${index} = Layer.effect(Key${index}, Effect.gen(function* () {
  const service = new Service${index}(${needed});
  ${startMs > 0 ? 'yield* Effect.promise(() => service.start());' : ''}
  yield* Effect.addFinalizer(() => Effect.sync(() => service.stop()));
  return service;
}))${needs.length > 0 ? `.pipe(Layer.provide([${layers}]))` : ''};`;
})}

export function build() {
  const runtime = ManagedRuntime.make(Layer.mergeAll(${list(graph.tops.map((top) => `Layer${top}`))}));
  return { start: () => runtime.runPromise(Effect.void), stop: () => runtime.dispose() };
}`,
};
