/** Kubernetes objects as the API server would send them, as small as the tests need. */
import type { KubernetesObject } from './fake-api-server.ts';

export function service(name: string, externalName = 'example.org'): KubernetesObject {
  return { metadata: { name, namespace: 'shop' }, spec: { type: 'ExternalName', externalName } };
}

export function namespace(name: string): KubernetesObject {
  return { metadata: { name } };
}

export function slice(name: string): KubernetesObject {
  return { metadata: { name, namespace: 'shop' }, addressType: 'IPv4', endpoints: [], ports: [] };
}
