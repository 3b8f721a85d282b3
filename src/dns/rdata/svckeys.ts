/** The keys of service parameters (RFC 9460 §14.3.2). */

export const SvcKey = {
  mandatory: 0,
  alpn: 1,
  noDefaultAlpn: 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
} as const;

const names = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

/** The key's name, or `key123` (RFC 9460 §2.1). */
export function keyName(key: number): string {
  return names[key] ?? `key${key}`;
}

/** The number of a key's name or of `key123`, without leading zeros; undefined for anything else. */
export function keyNumber(name: string): number | undefined {
  const known = names.indexOf(name);
  if (known >= 0) return known;
  if (!/^key(0|[1-9]\d{0,4})$/.test(name)) return undefined;
  const key = Number(name.slice(3));
  return key <= 0xffff ? key : undefined;
}
