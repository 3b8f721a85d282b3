/** Pod names: an address written with dashes (Kubernetes DNS spec 1.1.0 has them as deprecated pod records). */
import { parseAddress } from '../../dns/address.ts';

/** Address text of a pod label: exactly three single dashes make it IPv4, everything else is tried as IPv6. */
export function podAddressText(label: string): string {
  const dashes = label.split('-').length - 1;
  return dashes === 3 && !label.includes('--') ? label.replaceAll('-', '.') : label.replaceAll('-', ':');
}

/** Octets of the address that a pod label stands for; undefined where it stands for none. */
export function podAddress(label: string): Uint8Array | undefined {
  const bytes = parseAddress(podAddressText(label));
  return bytes !== undefined && isMappedIPv4(bytes) ? bytes.subarray(12) : bytes;
}

/** An IPv4 address in IPv6 clothes (RFC 4291 §2.5.5.2): a pod of that address is asked for with A. */
function isMappedIPv4(bytes: Uint8Array): boolean {
  if (bytes.length !== 16) return false;
  return bytes.subarray(0, 10).every((octet) => octet === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
