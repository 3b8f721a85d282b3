/** A stub resolver on loopback, like that of a node: it sends queries on to a server, answers them, or holds them. */
import { encodeMessage, type Message } from '../../../src/dns/index.ts';
import { Rcode } from '../../../src/dns/types.ts';
import { exchange } from '../../support/ask.ts';
import { answerTo, type UdpRequest, type Upstream, udpUpstream } from '../forward/upstreams.ts';

export interface Stub extends Upstream {
  /** What becomes of queries from now on. */
  behave(behaviour: Behaviour): void;
}

export type Behaviour = (request: UdpRequest) => void | Promise<void>;

/** NXDOMAIN for every name. */
export const answering: Behaviour = ({ message, send }) => send(answerTo(message, { rcode: Rcode.NXDOMAIN }));

export const silent: Behaviour = () => {};

/** Sends the question on to a server of loopback, and its reply back. */
export function sendingTo(port: number): Behaviour {
  return async ({ message, send }) => {
    const reply = await exchange(port, octets(message), 'udp').catch(() => undefined);
    if (reply !== undefined) send(reply);
  };
}

export async function startStub(behaviour: Behaviour, port = 0): Promise<Stub> {
  let current = behaviour;
  let isOpen = true;
  const upstream = await udpUpstream(
    (request) => {
      // A server may answer it when the stub has gone.
      const send = (bytes: Uint8Array) => isOpen && request.send(bytes);
      void current({ ...request, send });
    },
    { port },
  );
  return {
    ...upstream,
    behave: (next) => {
      current = next;
    },
    [Symbol.asyncDispose]: () => {
      isOpen = false;
      return upstream[Symbol.asyncDispose]();
    },
  };
}

function octets(message: Message): Uint8Array {
  return encodeMessage(message, { limitBytes: 65_535 });
}
