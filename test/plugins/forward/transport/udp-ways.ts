/** Every way in which upstreams are asked over UDP, for tables of tests. */
import { ConnectedSockets } from '../../../../src/net/connected-sockets.ts';
import { native } from '../../../support/native.ts';

export interface UdpWay {
  readonly way: string;
  readonly sockets: ConnectedSockets | undefined;
}

export const udpWays: readonly UdpWay[] = [
  { way: 'dgram', sockets: undefined },
  ...(native === undefined ? [] : [{ way: 'native', sockets: new ConnectedSockets(native) }]),
];
