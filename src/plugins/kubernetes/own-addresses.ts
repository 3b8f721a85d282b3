/** The server's own addresses: by them it finds the Services in front of it, for NS records. */
import { networkInterfaces } from 'node:os';
import { parseAddress } from '../../dns/address.ts';

/** Addresses bound with `bind`, or those of all interfaces; loopback only where there is nothing else. */
export function ownAddresses(bind: readonly string[]): readonly Uint8Array[] {
  const candidates = bind.length > 0 ? bind : interfaceAddresses();
  const outside = candidates.filter((address) => !isLoopback(address));
  return (outside.length > 0 ? outside : candidates)
    .map(parseAddress)
    .filter((address) => address !== undefined);
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map(({ address }) => address),
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
