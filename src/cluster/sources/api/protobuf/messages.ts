/**
 * The fields that `trim` asks for, by their numbers in the `generated.proto` files of k8s.io/api and k8s.io/apimachinery, and under their
 * names in JSON. A number once given stays: both sides of an upgrade read each other.
 */
import type { Kind } from '../../../objects.ts';

/** What a field holds; `many` are those that may come again. */
export type Field =
  | { readonly sort: 'text' | 'number' | 'flag' | 'moment' | 'map'; readonly name: string }
  | { readonly sort: 'texts'; readonly name: string }
  | { readonly sort: 'message' | 'messages'; readonly name: string; readonly message: Message };

/** By field number; others are passed over. */
export type Message = readonly (Field | undefined)[];

function message(fields: Readonly<Record<number, Field>>): Message {
  const numbers = Object.keys(fields).map(Number);
  return Array.from({ length: Math.max(...numbers) + 1 }, (_, number) => fields[number]);
}

const text = (name: string): Field => ({ sort: 'text', name });
const texts = (name: string): Field => ({ sort: 'texts', name });
const number = (name: string): Field => ({ sort: 'number', name });
const flag = (name: string): Field => ({ sort: 'flag', name });
const moment = (name: string): Field => ({ sort: 'moment', name });
const map = (name: string): Field => ({ sort: 'map', name });
const one = (name: string, of: Message): Field => ({ sort: 'message', name, message: of });
const many = (name: string, of: Message): Field => ({ sort: 'messages', name, message: of });

const identity = { 1: text('name'), 3: text('namespace'), 6: text('resourceVersion') };
const metadata = one(
  'metadata',
  message({ ...identity, 9: moment('deletionTimestamp'), 11: map('labels'), 12: map('annotations') }),
);

/** Of an object of any kind, what tells it apart. */
export const IDENTIFIED = message({ 1: one('metadata', message(identity)) });

export const LIST_METADATA = message({ 2: text('resourceVersion'), 3: text('continue') });

/** Of a `Status`. */
export const STATUS = message({ 3: text('message'), 6: number('code') });

const namespace = message({ 1: metadata });

const servicePort = message({ 1: text('name'), 2: text('protocol'), 3: number('port') });
const serviceSpec = message({
  1: many('ports', servicePort),
  2: map('selector'),
  3: text('clusterIP'),
  4: text('type'),
  5: texts('externalIPs'),
  10: text('externalName'),
  18: texts('clusterIPs'),
});
const ingress = message({ 1: text('ip'), 2: text('hostname') });
const loadBalancer = message({ 1: many('ingress', ingress) });
const service = message({
  1: metadata,
  2: one('spec', serviceSpec),
  3: one('status', message({ 1: one('loadBalancer', loadBalancer) })),
});

const endpoint = message({
  1: texts('addresses'),
  2: one('conditions', message({ 1: flag('ready') })),
  3: text('hostname'),
  4: one('targetRef', message({ 3: text('name') })),
  7: text('zone'),
});
const endpointSlice = message({
  1: metadata,
  2: many('endpoints', endpoint),
  3: many('ports', message({ 1: text('name'), 2: text('protocol'), 3: number('port') })),
});

const podSpec = message({
  6: text('dnsPolicy'),
  11: flag('hostNetwork'),
  26: one('dnsConfig', message({ 2: texts('searches') })),
});
const pod = message({
  1: metadata,
  2: one('spec', podSpec),
  3: one('status', message({ 6: text('podIP') })),
});

/** Kinds that the API server writes as Protocol Buffers; what a CustomResourceDefinition defines is JSON always. */
export const MESSAGES: Readonly<Record<Exclude<Kind, 'ServiceImport'>, Message>> & {
  readonly ServiceImport: undefined;
} = {
  Namespace: namespace,
  Service: service,
  EndpointSlice: endpointSlice,
  Pod: pod,
  ServiceImport: undefined,
};
