import '@asphalt/core/ambient';

export { request } from './asphalt.ts';
