/** What the start prints: zones and version, as CoreDNS has it. */
import { followsRfc1035 } from '../corefile/index.ts';
import { listenerKey } from '../server/listen-address.ts';
import type { Server } from '../server/server.ts';
import { VERSION } from '../version.ts';

/** One line for each zone and listener, sorted within a listener. */
export function zoneLines(server: Server): string[] {
  const byListener = Map.groupBy(server.zones, ({ address }) => listenerKey(address));
  return [...byListener]
    .flatMap(([listener, zones]) => {
      const port = server.ports.get(listener);
      return zones
        .map(({ key, address }) => zoneLine(key.zone.toString(), port ?? key.port, address.host))
        .sort();
    })
    .concat(warnings(server));
}

function zoneLine(zone: string, port: number, host: string): string {
  return `${zone}:${port}${host === '' ? '' : ` on ${host}`}`;
}

function warnings(server: Server): string[] {
  const odd = server.zones.filter(({ key }) => !followsRfc1035(key.zone));
  const names = new Set(odd.map(({ key }) => key.zone.toString()));
  return [...names].map((name) => `Warning: Domain "${name}" does not follow RFC1035 preferred syntax`);
}

export function versionLines(): string[] {
  return [`CorviDNS-${VERSION}`, `${process.platform}/${process.arch}, node ${process.version}`];
}
