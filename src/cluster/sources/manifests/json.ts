/** Reading JSON of which nothing is certain: what has not the expected type counts as not given. */
import type { Json } from '../../trim.ts';

export type Fields = { readonly [key: string]: Json | undefined };

export function isFields(json: Json | undefined): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function fields(json: Json | undefined): Fields {
  return isFields(json) ? json : {};
}

export function list(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? json : [];
}

export function text(json: Json | undefined): string {
  return typeof json === 'string' ? json : '';
}

/** Whether `metadata.labels` hold `key: value`. */
export function hasLabel(labels: Fields, key: string, value: Json | undefined): boolean {
  return typeof value === 'string' && Object.hasOwn(labels, key) && labels[key] === value;
}
