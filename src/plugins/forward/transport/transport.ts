/** How an upstream is asked, whatever the protocol: the contract, and what a transport is made from. */
import type { Message } from '../../../dns/message.ts';
import type { ConnectedSockets } from '../../../net/connected-sockets.ts';
import type { UpstreamAddress } from '../addresses.ts';

/** As CoreDNS's metrics name them. */
export type Protocol = 'udp' | 'tcp' | 'tcp-tls' | 'https';

/** Who asks: told once how it ends, perhaps while the question is still being put. */
export interface Asker {
  answered(reply: Message): void;
  /** @param error an `ExchangeError`: the network failed, or no answer came in time; anything else: a defect, or a request that is not legal DNS */
  failed(error: unknown): void;
}

/** Asks one upstream over one protocol; keeps connections between questions. */
export interface Transport {
  /**
   * The ID of the request is not used: each exchange has its own. `timeoutMs` covers dialling too.
   * @throws {ExchangeError} by rejection: the network failed, or no answer came in time
   */
  exchange(request: Message, timeoutMs: number): Promise<Message>;
  /** The same without a promise, for what each query of a client needs. Throws nothing. */
  ask(request: Message, timeoutMs: number, asker: Asker): void;
  /** Lets go of idle connections at once, of the others when their questions end. */
  close(): void;
}

export interface TlsOptions {
  /** PEM; the system's own authorities without it. */
  readonly ca?: string | Buffer;
  /** PEM, of the client. */
  readonly cert?: string | Buffer;
  /** PEM, of the client. */
  readonly key?: string | Buffer;
  /** The name that the certificate must bear and that SNI sends; without it the certificate must bear the address. */
  readonly serverName: string | undefined;
}

export interface DohOptions {
  readonly method: 'POST' | 'GET';
  /** `/dns-query` */
  readonly path: string;
}

/** What all protocols share. */
export interface ConnectionOptions {
  readonly upstream: UpstreamAddress;
  /** How long a connection may be idle and still be used. */
  readonly expireMs: number;
  /** How long after it was made a connection may be used; 0: for ever. */
  readonly maxAgeMs: number;
  /** 0: the program's own bound, `limits.forwardIdleConnections`. */
  readonly maxIdleConnections: number;
  /** The local address to ask from; undefined: the system's choice. */
  readonly sourceAddress: string | undefined;
  /** What UDP is spoken with; undefined: `node:dgram`. */
  readonly sockets?: ConnectedSockets | undefined;
  /** Called for each connection that a question takes: was it there (hit), or made for it? */
  readonly pooled: (protocol: Protocol, hit: boolean) => void;
}

export type TransportOptions = ConnectionOptions &
  (
    | { readonly protocol: 'udp' | 'tcp' }
    | { readonly protocol: 'tcp-tls'; readonly tls: TlsOptions }
    | { readonly protocol: 'https'; readonly tls: TlsOptions; readonly doh: DohOptions }
  );
