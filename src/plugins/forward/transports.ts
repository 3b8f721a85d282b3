/** How one upstream is spoken to, by the protocol that is wanted. */
import type { UpstreamEndpoint } from './addresses.ts';
import type { ForwardMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import { exchangeOverTcp } from './tcp-exchange.ts';
import type { Transport } from './transport/transport.ts';
import { exchangeOverUdp } from './udp-exchange.ts';

/** Upstreams of `tls://` and `https://` have one for both. */
export interface Transports {
  readonly udp: Transport;
  readonly tcp: Transport;
}

export function makeTransports(
  upstream: UpstreamEndpoint,
  _options: ForwardOptions,
  _metrics: ForwardMetrics,
): Transports {
  return {
    udp: {
      exchange: (request, timeoutMs) => exchangeOverUdp({ upstream, request, timeoutMs }),
      close: () => {},
    },
    tcp: {
      exchange: (request, timeoutMs) => exchangeOverTcp({ upstream, request, timeoutMs }),
      close: () => {},
    },
  };
}
