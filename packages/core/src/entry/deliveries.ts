/** For authors of integrations: sources of events that are acknowledged after they were handled, and their decorators. */
export { DeliveryReturnedError } from '../application/errors.ts';
export { deliveryDecorator } from '../component/handlers.ts';
export { callerOf } from '../component/place.ts';
export { durationMs, type Duration } from '../config/quantities.ts';
export { Deliveries, type Consumer, type Consumption } from '../signal/deliveries.ts';
