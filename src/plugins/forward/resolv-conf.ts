/** The `nameserver` lines of a file like `/etc/resolv.conf`; search list and options are the client's matter. */

/** The addresses as written but for a scope (`%eth0`), which CoreDNS drops too. */
export function nameservers(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [keyword, address] = line.trim().split(/\s+/);
    return keyword === 'nameserver' && address !== undefined ? [address.replace(/%.*$/, '')] : [];
  });
}
