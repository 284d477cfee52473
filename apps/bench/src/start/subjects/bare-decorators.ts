import type { Program } from '../text.ts';
import { asphalt } from './asphalt.ts';

/** The program of Asphalt with the least behind it that can run it. */
export const bareDecorators: Program = {
  // What its compiled decorators call is loaded with the libraries, as it is for the others.
  libraries: ['@oxc-project/runtime/helpers/decorate'],
  stops: 'each before its needs',
  write: (graph) => asphalt.write(graph).replace("'@asphalt/core'", "'../../start/bare-decorators.js'"),
};
