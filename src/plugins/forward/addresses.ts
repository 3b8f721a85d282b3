/** Where an upstream is: its address, and how it is spoken to. */

export type Scheme = 'dns' | 'tls' | 'https';

export interface UpstreamAddress {
  /** An IPv6 address may bear a scope: `fe80::1%eth0`. */
  readonly host: string;
  readonly port: number;
}

export interface UpstreamEndpoint extends UpstreamAddress {
  readonly scheme: Scheme;
  /** Name that its certificate must bear, and of `https` the HTTP authority; undefined: the address itself. */
  readonly serverName: string | undefined;
}

/** An upstream by name: its addresses are looked up at the start. */
export interface UpstreamName {
  readonly scheme: Scheme;
  readonly name: string;
  readonly port: number;
  readonly serverName: string | undefined;
}

/** `127.0.0.1:53` and `[::1]:53`: as metrics and errors name an upstream. */
export function addressText({ host, port }: UpstreamAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The first of those that share address and port, as CoreDNS. */
export function withoutDuplicates(addresses: readonly UpstreamEndpoint[]): UpstreamEndpoint[] {
  const seen = new Set<string>();
  return addresses.filter((address) => seen.size < seen.add(addressText(address)).size);
}
