/**
 * One web configuration for one address: of the blocks that share it the oldest answers for all, so that one without
 * users would open what another means to guard.
 */
import type { HostPort } from '../../corefile/args.ts';
import { joinHostPort } from '../http-listener.ts';

interface Claim {
  /** Of the web configuration file. */
  readonly path: string | undefined;
  instances: number;
}

const claims = new Map<string, Claim>();

/**
 * @returns gives the address up again
 * @throws {Error} one line: the address, what is wrong and what to do
 */
export function claimAddress(address: HostPort, path: string | undefined): () => void {
  // Port 0 is never shared.
  if (address.port === 0) return () => {};
  const key = joinHostPort(address);
  const claim = claims.get(key) ?? { path, instances: 0 };
  if (claim.path !== path) {
    throw new Error(
      `listen tcp ${key}: the address is open with another tls option: give prometheus an address of its own, or restart`,
    );
  }
  claims.set(key, claim);
  claim.instances += 1;
  return () => {
    claim.instances -= 1;
    if (claim.instances === 0) claims.delete(key);
  };
}
