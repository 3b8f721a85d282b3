/** What a server block is before any directive of it is set up. */
import type { BlockSettings, Offers } from '../plugins/plugin.ts';

export function noSettings(): BlockSettings {
  return {
    root: '',
    bind: [],
    debug: false,
    stacktrace: false,
    anyClass: false,
    reloadMs: undefined,
    tcp: {},
    udpSockets: undefined,
  };
}

export function noOffers(): Offers {
  return {
    wantedSearchPaths: new Set(),
    searchPaths: new Map(),
    upstreamGates: [],
    zoneSources: [],
  };
}
