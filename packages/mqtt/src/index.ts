export { MqttComponent } from './mqtt-component.ts';
export type { MqttDelivery, MqttMessage } from './message.ts';
export { Mqtt, MqttLink, type ConsumerOptions, type PublishOptions } from './mqtt.ts';
