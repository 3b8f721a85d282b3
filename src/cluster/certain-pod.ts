/** Which pod an address belongs to, where there is no doubt: what a client is told apart by. */
import { limits } from '../limits.ts';
import type { Pod } from './objects.ts';
import type { ClusterStore } from './store.ts';

/**
 * The pod that has an address, if no other has it, if it is not on its way out, and if it has been known to have it for a
 * while, through a watch that works: an address goes to another pod sooner than the news of it arrives.
 * @param address 4 or 16 octets
 */
export function certainPod(store: ClusterStore, address: Uint8Array): Pod | undefined {
  const [pod, other] = store.podsByAddress.get(address);
  if (pod === undefined || other !== undefined || pod.terminating || !store.synced) return undefined;
  const knownMs = Math.min(store.addressAgeMs(pod), store.followedForMs('Pod'));
  return knownMs < limits.podCertainMs ? undefined : pod;
}
