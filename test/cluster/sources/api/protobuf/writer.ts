/**
 * Writes objects as an API server does where it is asked for Protocol Buffers: numbers from the `generated.proto` files, the fields that
 * DNS reads and a few beside them.
 */

type Shape = { readonly [name: string]: readonly [number: number, of: Sort | Shape] };
type Sort = 'text' | 'number' | 'flag' | 'moment' | 'map';

const METADATA: Shape = {
  ...{ name: [1, 'text'], generateName: [2, 'text'], namespace: [3, 'text'], uid: [5, 'text'] },
  ...{ resourceVersion: [6, 'text'], generation: [7, 'number'], deletionTimestamp: [9, 'moment'] },
  ...{ labels: [11, 'map'], annotations: [12, 'map'] },
};
const PORT: Shape = {
  ...{ name: [1, 'text'], protocol: [2, 'text'], port: [3, 'number'], nodePort: [5, 'number'] },
};
const INGRESS: Shape = { ip: [1, 'text'], hostname: [2, 'text'] };

const KINDS: Readonly<Record<string, Shape>> = {
  Namespace: { metadata: [1, METADATA], status: [3, { phase: [1, 'text'] }] },
  Service: {
    metadata: [1, METADATA],
    spec: [
      2,
      {
        ...{ ports: [1, PORT], selector: [2, 'map'], clusterIP: [3, 'text'], type: [4, 'text'] },
        ...{ externalIPs: [5, 'text'], sessionAffinity: [7, 'text'], externalName: [10, 'text'] },
        ...{ clusterIPs: [18, 'text'], ipFamilies: [19, 'text'] },
      },
    ],
    status: [3, { loadBalancer: [1, { ingress: [1, INGRESS] }] }],
  },
  EndpointSlice: {
    metadata: [1, METADATA],
    endpoints: [
      2,
      {
        ...{ addresses: [1, 'text'], conditions: [2, { ready: [1, 'flag'], serving: [2, 'flag'] }] },
        ...{ hostname: [3, 'text'], targetRef: [4, { kind: [1, 'text'], name: [3, 'text'] }] },
        ...{ nodeName: [6, 'text'], zone: [7, 'text'] },
      },
    ],
    ports: [3, { name: [1, 'text'], protocol: [2, 'text'], port: [3, 'number'], appProtocol: [4, 'text'] }],
    addressType: [4, 'text'],
  },
  Pod: {
    metadata: [1, METADATA],
    spec: [
      2,
      {
        ...{ containers: [2, { name: [1, 'text'] }], dnsPolicy: [6, 'text'], nodeName: [10, 'text'] },
        ...{
          hostNetwork: [11, 'flag'],
          dnsConfig: [26, { nameservers: [1, 'text'], searches: [2, 'text'] }],
        },
      },
    ],
    status: [3, { phase: [1, 'text'], hostIP: [5, 'text'], podIP: [6, 'text'] }],
  },
  Status: { status: [2, 'text'], message: [3, 'text'], reason: [4, 'text'], code: [6, 'number'] },
};
const LIST_METADATA: Shape = { resourceVersion: [2, 'text'], continue: [3, 'text'] };

const LENGTH_DELIMITED = 2;

export function varint(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); octets.length === 0 || rest > 0n; rest >>= 7n) {
    octets.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
  }
  return Buffer.from(octets);
}

/** A field of text or a message. */
export function delimited(number: number, value: string | Uint8Array): Buffer {
  const octets = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(octets.length), octets]);
}

/** `null` is a pointer to nothing: not written. */
function field(number: number, of: Sort | Shape, value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.alloc(0);
  if (Array.isArray(value)) return Buffer.concat(value.map((each) => field(number, of, each)));
  if (of === 'number' || of === 'flag') return Buffer.concat([varint(number * 8), varint(Number(value))]);
  if (of === 'text') return delimited(number, String(value));
  if (of === 'moment') {
    return delimited(number, field(1, 'number', Math.floor(Date.parse(String(value)) / 1000)));
  }
  if (of === 'map') {
    const entries = Object.entries(value as object);
    return Buffer.concat(
      entries.map((entry) =>
        delimited(number, Buffer.concat(entry.map((text, at) => delimited(at + 1, text)))),
      ),
    );
  }
  return delimited(number, message(of, value as object));
}

function message(shape: Shape, value: object): Buffer {
  const given: Readonly<Record<string, unknown>> = { ...value };
  const fields = Object.entries(shape).map(([name, [number, of]]) => field(number, of, given[name]));
  return Buffer.concat(fields);
}

/** @throws {TypeError} a kind that has no Protocol Buffers */
export function objectMessage(kind: string, object: object): Buffer {
  const shape = KINDS[kind];
  if (shape === undefined) throw new TypeError(`no message for ${kind}`);
  return message(shape, object);
}

/** `runtime.Unknown` behind its four octets. */
export function wrapped(kind: string, octets: Uint8Array): Buffer {
  const typeMeta = Buffer.concat([delimited(1, 'v1'), delimited(2, kind)]);
  const unknown = [delimited(1, typeMeta), delimited(2, octets), delimited(3, ''), delimited(4, '')];
  return Buffer.concat([Buffer.from('k8s\0'), ...unknown]);
}

export function listOctets(kind: string, metadata: object, items: readonly object[]): Buffer {
  const octets = [
    delimited(1, message(LIST_METADATA, metadata)),
    ...items.map((item) => delimited(2, objectMessage(kind, item))),
  ];
  return wrapped(`${kind}List`, Buffer.concat(octets));
}

/** With its length before it. */
export function eventFrame(kind: string, type: string, object: object): Buffer {
  const raw = delimited(1, wrapped(kind, objectMessage(kind, object)));
  const event = Buffer.concat([delimited(1, type), delimited(2, raw)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}
