/** What this process has open, as the kernel says. */
import { readdirSync, readlinkSync } from 'node:fs';

/** @param kind what the name of such a descriptor begins with */
export function openDescriptors(kind: 'socket:' | 'anon_inode:[eventpoll]'): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(kind);
    } catch {
      // The folder itself, closed by now.
      return false;
    }
  }).length;
}
