import type { Program } from '../text.ts';
import { asphalt } from '../asphalt.ts';

/** The program of Asphalt on the smallest runtime that can run it. */
export const bareDecorators: Program = {
  // The helpers of compiled decorators are loaded with the libraries, as for other subjects.
  libraries: ['@oxc-project/runtime/helpers/decorate'],
  stops: 'each before its needs',
  write: (graph) => asphalt.write(graph).replace("'@asphalt/core'", "'../../start/bare-decorators.js'"),
};
