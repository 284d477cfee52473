export { ListenError, NoAnswerError, RequestCutOffError } from './errors.ts';
export { needs, type NeedsEnv } from './needs.ts';
export { WebApp, type WebEnv } from './web-app.ts';
export { WebComponent, webOptions } from './web-component.ts';
