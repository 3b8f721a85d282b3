/** Kubernetes objects, trimmed to what DNS answers need. Strings that repeat are shared; nothing here is changed later. */

/** An IP address: octets for records, text for comparison with names. */
export interface Address {
  /** 4 or 16 octets. */
  readonly bytes: Uint8Array;
  /** Canonical text (RFC 5952 for IPv6): equal addresses have equal text. */
  readonly text: string;
}

/** What tells an address apart: IPv4 as a signed number of 32 bits, which takes no memory of its own, IPv6 as canonical text. */
export type AddressKey = number | string;

export interface KeyedAddress extends Address {
  readonly key: AddressKey;
}

export interface Port {
  /** Empty where the port has no name. */
  readonly name: string;
  /** `TCP`, `UDP`, `SCTP`; empty where an EndpointSlice leaves it out. */
  readonly protocol: string;
  /** -1 where an EndpointSlice leaves it out. */
  readonly number: number;
}

export interface Namespace {
  readonly kind: 'Namespace';
  readonly name: string;
  readonly resourceVersion: string;
}

export type ServiceType = 'ClusterIP' | 'Headless' | 'ExternalName';

export interface Service {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** NodePort and LoadBalancer are `ClusterIP` here; `Headless` is a first cluster IP of `None`. */
  readonly type: ServiceType;
  /** `spec.clusterIPs`, or `spec.clusterIP` where that list is empty. */
  readonly clusterIPs: readonly KeyedAddress[];
  /** As written, without a final dot added; empty unless `ExternalName`. */
  readonly externalName: string;
  readonly ports: readonly Port[];
  /** `spec.externalIPs`, then each load balancer ingress `ip` or else `hostname`. */
  readonly externalIPs: readonly string[];
  /** Whether `spec.selector` has an entry. */
  readonly hasSelector: boolean;
}

export interface Endpoint {
  readonly addresses: readonly KeyedAddress[];
  /** `hostname`; empty where not given. */
  readonly hostname: string;
  /** `targetRef.name`; empty where not given. */
  readonly podName: string;
  /** Topology zone in lower case; empty where not given. */
  readonly zone: string;
}

export interface EndpointSlice {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** Label `kubernetes.io/service-name`; empty where not given. */
  readonly service: string;
  /** Labels `multicluster.kubernetes.io/service-name` and `.../source-cluster`. */
  readonly multicluster: { readonly service: string; readonly cluster: string } | undefined;
  readonly ports: readonly Port[];
  /** Ready ones only: `conditions.ready` is true or null. */
  readonly endpoints: Iterable<Endpoint>;
  /** Annotation `endpoints.kubernetes.io/last-change-trigger-time`; empty where not given. */
  readonly lastChangeTriggerTime: string;
}

/** Pods that run or wait to: finished ones are not watched. */
export interface Pod {
  readonly kind: 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** `status.podIP`; undefined until there is one. */
  readonly ip: KeyedAddress | undefined;
  /** Has a deletionTimestamp: of such an update only this is taken, the rest stays as it was until the delete. */
  readonly terminating: boolean;
  /**
   * Whether kubelet gives it the search path of its namespace and no other: not in the host's network, `ClusterFirst`,
   * no search domains of its own.
   */
  readonly hasClusterSearch: boolean;
}

export interface ServiceImport {
  readonly kind: 'ServiceImport';
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly type: 'ClusterSetIP' | 'Headless';
  readonly ips: readonly KeyedAddress[];
  readonly ports: readonly Port[];
}

export type ClusterObject = Namespace | Service | EndpointSlice | Pod | ServiceImport;
export type Kind = ClusterObject['kind'];
