/** The names of a cluster, asked for over UDP and TCP: the Kubernetes DNS specification 1.1.0 and CoreDNS's answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { cases, expectAnswer, NXDOMAIN, type Row, records, soaOf } from './table.ts';

const WORLD = new URL('world', import.meta.url).pathname;
const Z = 'cluster.local';
const ZONE = 'cluster.local.';

function corefile(options: string): string {
  return `.:0 {
    bind 127.0.0.1
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      manifests ${WORLD}
      ${options}
    }
    hosts {
      203.0.113.10 api.example.com
      2001:db8::10 api.example.com
      ttl 60
      fallthrough
    }
  }`;
}

/** Runs rows against one server, over both transports. */
function table(what: string, options: string, zone: string, rows: readonly Row[]): void {
  describe(what, () => {
    let running: RunningServer;
    beforeAll(async () => {
      running = await startServer(corefile(options));
    });
    afterAll(async () => {
      await running[Symbol.asyncDispose]();
    });
    describe.each(['udp', 'tcp'] as const)('%s', (transport) => {
      test.each(cases(rows))('$name $type', (row) => expectAnswer(running.port, transport, row, zone));
    });
  });
}

const EVERY_OTHER = 'MX NS CAA DS NAPTR HINFO DNSKEY ANY';

table('every node of the tree', 'pods insecure', ZONE, [
  [Z, 'A AAAA', 'NODATA'],
  [`svc.${Z}`, 'A AAAA', 'NODATA'],
  [`pod.${Z}`, 'A AAAA', 'NODATA'],
  [`prod.svc.${Z}`, 'A AAAA', 'NODATA'],
  [`empty.svc.${Z}`, 'A', 'NODATA'],
  [`missing.svc.${Z}`, 'A AAAA', 'NX'],
  [`prod.pod.${Z}`, 'A', 'NODATA'],
  [`missing.pod.${Z}`, 'A', 'NX'],
  [`missing.prod.svc.${Z}`, 'A AAAA', 'NX'],
  [`web.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.4')],
  [`web.prod.svc.${Z}`, 'AAAA', records('5 IN AAAA fd00::34')],
  [`single.prod.svc.${Z}`, 'AAAA', 'NODATA'],
  [`db.data.svc.${Z}`, 'AAAA', 'NODATA'],
  [`six.data.svc.${Z}`, 'A', 'NODATA'],
  [`idle.data.svc.${Z}`, 'A AAAA SRV TXT MX ANY', 'NX'],
  [`noendpoints.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.6')],
  [`_nosuch._tcp.web.prod.svc.${Z}`, 'A SRV', 'NX'],
  [`_http._udp.web.prod.svc.${Z}`, 'A SRV', 'NX'],
  [`_tcp.web.prod.svc.${Z}`, 'A SRV', 'NX'],
  [`nosuch.web.prod.svc.${Z}`, 'A', 'NX'],
  [`dns.${Z}`, 'A', 'NX'],
  [`foo.${Z}`, 'A', 'NX'],
  [`foo.bar.${Z}`, 'A', 'NX'],
  [`hostmaster.${Z}`, 'A', 'NX'],
  [`ns.dns.${Z}`, 'A', records('5 IN A 127.0.0.1')],
  [`ns.dns.${Z}`, 'AAAA TXT SRV', 'NODATA'],
  [`dns-version.${Z}`, 'TXT', records('28800 IN TXT "1.1.0"')],
  [`dns-version.${Z}`, 'A SRV', 'NODATA'],
  [`a.b.c.web.prod.svc.${Z}`, 'A', 'NX'],
  [`a.b.c.10-0-0-1.prod.pod.${Z}`, 'A', 'NX'],
  [`*.prod.svc.${Z}`, 'A', 'NX'],
  [`any.prod.svc.${Z}`, 'A', 'NX'],
]);

table('every type at every kind of name', '', ZONE, [
  [Z, 'SRV TXT CNAME PTR MX CAA DS NAPTR HINFO DNSKEY ANY', 'NODATA'],
  [Z, 'NS', { answer: [`5 IN NS ns.dns.${ZONE}`], additional: [`ns.dns.${ZONE} 5 IN A 127.0.0.1`] }],
  [Z, 'AXFR IXFR', 'REFUSED'],
  [`svc.${Z}`, `SRV TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`prod.svc.${Z}`, `SRV TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`missing.svc.${Z}`, `SRV TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NX'],
  [`web.prod.svc.${Z}`, `TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`db.data.svc.${Z}`, `TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`db-0.db.data.svc.${Z}`, `TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`alias.prod.svc.${Z}`, 'CNAME', records(`5 IN CNAME web.prod.svc.${ZONE}`)],
  [`alias.prod.svc.${Z}`, `SRV TXT PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`outside.prod.svc.${Z}`, `SRV TXT PTR SOA ${EVERY_OTHER}`, 'NODATA'],
  [`missing.prod.svc.${Z}`, `SRV TXT CNAME PTR SOA ${EVERY_OTHER}`, 'NX'],
  [`web.prod.svc.${Z}`, 'AXFR IXFR', 'REFUSED'],
  [`missing.prod.svc.${Z}`, 'AXFR', 'REFUSED'],
]);

table('ClusterIP Services', '', ZONE, [
  [`_http._tcp.web.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.4')],
  [`http.tcp.web.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.4')],
  [`_HTTP._TCP.web.prod.svc.${Z}`, 'AAAA', records('5 IN AAAA fd00::34')],
  [
    `web.prod.svc.${Z}`,
    'SRV',
    {
      answer: [`5 IN SRV 0 25 80 web.prod.svc.${ZONE}`, `5 IN SRV 0 25 9090 web.prod.svc.${ZONE}`],
      additional: ['5 IN A 10.96.3.4', '5 IN AAAA fd00::34'],
    },
  ],
  [
    `_http._tcp.web.prod.svc.${Z}`,
    'SRV',
    {
      answer: [`5 IN SRV 0 50 80 web.prod.svc.${ZONE}`],
      additional: [`web.prod.svc.${ZONE} 5 IN A 10.96.3.4`, `web.prod.svc.${ZONE} 5 IN AAAA fd00::34`],
    },
  ],
  // An unnamed port is listed under the bare name, as CoreDNS has it.
  [
    `single.prod.svc.${Z}`,
    'SRV',
    { answer: [`5 IN SRV 0 100 80 single.prod.svc.${ZONE}`], additional: ['5 IN A 10.96.3.5'] },
  ],
  [
    `_dns._udp.noendpoints.prod.svc.${Z}`,
    'SRV',
    {
      answer: [`5 IN SRV 0 100 53 noendpoints.prod.svc.${ZONE}`],
      additional: [`noendpoints.prod.svc.${ZONE} 5 IN A 10.96.3.6`],
    },
  ],
  [`_dns._tcp.noendpoints.prod.svc.${Z}`, 'A SRV', 'NX'],
  [`bare.empty.svc.${Z}`, 'A', records('5 IN A 10.96.3.9')],
  [`bare.empty.svc.${Z}`, 'SRV', 'NODATA'],
  // Endpoints of a ClusterIP Service have names too.
  [`web-0.web.prod.svc.${Z}`, 'A', records('5 IN A 10.1.1.1')],
  [`10-1-1-2.web.prod.svc.${Z}`, 'A', records('5 IN A 10.1.1.2')],
  [`10-1-1-1.web.prod.svc.${Z}`, 'A', 'NX'],
  [
    `web-0.web.prod.svc.${Z}`,
    'SRV',
    {
      answer: [
        `5 IN SRV 0 50 8080 web-0.web.prod.svc.${ZONE}`,
        `5 IN SRV 0 50 9090 web-0.web.prod.svc.${ZONE}`,
      ],
      additional: ['5 IN A 10.1.1.1'],
    },
  ],
]);

table('headless Services and endpoints', '', ZONE, [
  [`db.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.5', '5 IN A 10.1.0.6')],
  [`_pg._tcp.db.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.5', '5 IN A 10.1.0.6')],
  [`db-0.db.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.5')],
  [`10-1-0-6.db.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.6')],
  [`10-1-0-5.db.data.svc.${Z}`, 'A', 'NX'],
  [`db-2.db.data.svc.${Z}`, 'A', 'NX'],
  [
    `_pg._tcp.db.data.svc.${Z}`,
    'SRV',
    {
      answer: [
        `5 IN SRV 0 50 5432 db-0.db.data.svc.${ZONE}`,
        `5 IN SRV 0 50 5432 10-1-0-6.db.data.svc.${ZONE}`,
      ],
      additional: [
        `db-0.db.data.svc.${ZONE} 5 IN A 10.1.0.5`,
        `10-1-0-6.db.data.svc.${ZONE} 5 IN A 10.1.0.6`,
      ],
    },
  ],
  [`_pg._udp.db.data.svc.${Z}`, 'SRV', 'NX'],
  [`six.data.svc.${Z}`, 'AAAA', records('5 IN AAAA fd00:1::5', '5 IN AAAA fd00:2::')],
  [`fd00-1--5.six.data.svc.${Z}`, 'AAAA', records('5 IN AAAA fd00:1::5')],
  // A label may not end in a dash.
  [`fd00-2--0.six.data.svc.${Z}`, 'AAAA', records('5 IN AAAA fd00:2::')],
  [`portless.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.9')],
  [`portless.data.svc.${Z}`, 'SRV', 'NODATA'],
  [`twin.spread.data.svc.${Z}`, 'A', records('5 IN A 10.1.2.1', '5 IN A 10.1.2.3')],
  [
    `spread.data.svc.${Z}`,
    'SRV',
    {
      answer: [
        `5 IN SRV 0 33 7000 twin.spread.data.svc.${ZONE}`,
        `5 IN SRV 0 33 7000 10-1-2-2.spread.data.svc.${ZONE}`,
      ],
      additional: [
        `twin.spread.data.svc.${ZONE} 5 IN A 10.1.2.1`,
        `twin.spread.data.svc.${ZONE} 5 IN A 10.1.2.3`,
        `10-1-2-2.spread.data.svc.${ZONE} 5 IN A 10.1.2.2`,
      ],
    },
  ],
]);

table('ExternalName Services', '', ZONE, [
  [
    `alias.prod.svc.${Z}`,
    'A',
    records(`5 IN CNAME web.prod.svc.${ZONE}`, `web.prod.svc.${ZONE} 5 IN A 10.96.3.4`),
  ],
  [
    `chain.data.svc.${Z}`,
    'AAAA',
    records(
      `5 IN CNAME alias.prod.svc.${ZONE}`,
      `alias.prod.svc.${ZONE} 5 IN CNAME web.prod.svc.${ZONE}`,
      `web.prod.svc.${ZONE} 5 IN AAAA fd00::34`,
    ),
  ],
  [`outside.prod.svc.${Z}`, 'CNAME', records('5 IN CNAME api.example.com.')],
  [
    `outside.prod.svc.${Z}`,
    'A',
    records('5 IN CNAME api.example.com.', 'api.example.com. 60 IN A 203.0.113.10'),
  ],
  [
    `outside.prod.svc.${Z}`,
    'AAAA',
    records('5 IN CNAME api.example.com.', 'api.example.com. 60 IN AAAA 2001:db8::10'),
  ],
  // Whatever becomes of the target, the CNAME is the cluster's own answer.
  [`nowhere.prod.svc.${Z}`, 'A', records('5 IN CNAME nosuch.example.org.')],
  [`literal.prod.svc.${Z}`, 'A AAAA CNAME SRV', 'NX'],
  [`self.prod.svc.${Z}`, 'A', 'NODATA'],
  [`ring-a.prod.svc.${Z}`, 'A', 'NODATA'],
  [`dangling.prod.svc.${Z}`, 'A', 'NODATA'],
  [`dangling.prod.svc.${Z}`, 'CNAME', records(`5 IN CNAME nosuch.prod.svc.${ZONE}`)],
  [`_http._tcp.alias.prod.svc.${Z}`, 'A SRV', 'NX'],
  [`web-0.alias.prod.svc.${Z}`, 'A', 'NX'],
]);

table('reverse names of IPv4', '', 'in-addr.arpa.', [
  ['4.3.96.10.in-addr.arpa', 'PTR', records(`5 IN PTR web.prod.svc.${ZONE}`)],
  [
    '5.0.1.10.in-addr.arpa',
    'PTR',
    records(`5 IN PTR db-0.db.data.svc.${ZONE}`, `5 IN PTR db-0.db-read.data.svc.${ZONE}`),
  ],
  ['6.0.1.10.in-addr.arpa', 'PTR', records(`5 IN PTR 10-1-0-6.db.data.svc.${ZONE}`)],
  ['1.1.1.10.in-addr.arpa', 'PTR', records(`5 IN PTR web-0.web.prod.svc.${ZONE}`)],
  ['7.0.1.10.in-addr.arpa', 'PTR A', 'NX'],
  ['1.3.1.10.in-addr.arpa', 'PTR', 'NX'],
  ['4.3.96.10.in-addr.arpa', 'A TXT ANY', 'NODATA'],
  ['3.96.10.in-addr.arpa', 'PTR', 'NX'],
  ['04.3.96.10.in-addr.arpa', 'PTR', 'NX'],
  ['x.4.3.96.10.in-addr.arpa', 'PTR', 'NX'],
  ['in-addr.arpa', 'A PTR', 'NODATA'],
]);

const SIX = '4.3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa';
table('reverse names of IPv6', '', 'ip6.arpa.', [
  [SIX, 'PTR', records(`5 IN PTR web.prod.svc.${ZONE}`)],
  [SIX.toUpperCase().replace('IP6.ARPA', 'ip6.arpa'), 'PTR', records(`5 IN PTR web.prod.svc.${ZONE}`)],
  [`1.${SIX}`, 'PTR', 'NX'],
  [SIX.slice(2), 'PTR', 'NX'],
  ['ip6.arpa', 'AAAA', 'NODATA'],
]);

table('pods disabled', '', ZONE, [
  [`10-0-0-1.prod.pod.${Z}`, 'A AAAA SRV TXT', 'NX'],
  [`prod.pod.${Z}`, 'A', 'NX'],
  [`pod.${Z}`, 'A', 'NODATA'],
]);

table('pods insecure', 'pods insecure', ZONE, [
  [`10-0-0-1.prod.pod.${Z}`, 'A', records('5 IN A 10.0.0.1')],
  [`10-0-0-1.prod.pod.${Z}`, 'AAAA TXT MX', 'NODATA'],
  [`fd00--1.prod.pod.${Z}`, 'AAAA', records('5 IN AAAA fd00::1')],
  [`x.10-0-0-1.prod.pod.${Z}`, 'A', records('5 IN A 10.0.0.1')],
  [`a.b.10-0-0-1.prod.pod.${Z}`, 'A', records('5 IN A 10.0.0.1')],
  [`10-0-0-256.prod.pod.${Z}`, 'A', 'NX'],
  [`nothing.prod.pod.${Z}`, 'A', 'NX'],
  [`10-0-0-1.missing.pod.${Z}`, 'A', 'NX'],
  [
    `10-0-0-1.prod.pod.${Z}`,
    'SRV',
    { answer: [`5 IN SRV 0 100 0 10-0-0-1.prod.pod.${ZONE}`], additional: ['5 IN A 10.0.0.1'] },
  ],
]);

table('pods verified', 'pods verified', ZONE, [
  [`10-1-3-1.prod.pod.${Z}`, 'A', records('5 IN A 10.1.3.1')],
  [`10-1-3-1.prod.pod.${Z}`, 'AAAA', 'NODATA'],
  [`10-1-3-1.data.pod.${Z}`, 'A', 'NX'],
  [`10-1-3-2.prod.pod.${Z}`, 'A', 'NX'],
  [`prod.pod.${Z}`, 'A', 'NODATA'],
]);

table('zonal', 'zonal', ZONE, [
  [`eu-1a.pin._zone.spread.data.svc.${Z}`, 'A', records('5 IN A 10.1.2.1', '5 IN A 10.1.2.3')],
  [`eu.1b.pin._zone.spread.data.svc.${Z}`, 'A', records('5 IN A 10.1.2.2')],
  [`eu-1c.pin._zone.spread.data.svc.${Z}`, 'A SRV', 'NODATA'],
  [
    `eu-1c.prefer._zone.spread.data.svc.${Z}`,
    'A',
    records('5 IN A 10.1.2.1', '5 IN A 10.1.2.2', '5 IN A 10.1.2.3'),
  ],
  [`eu-1a.prefer._zone.spread.data.svc.${Z}`, 'TXT AAAA', 'NODATA'],
  [`eu-1a.pin._zone.idle.data.svc.${Z}`, 'A SRV TXT', 'NODATA'],
  [`eu-1a.prefer._zone.idle.data.svc.${Z}`, 'A', 'NODATA'],
  [`eu-1a.most._zone.spread.data.svc.${Z}`, 'A', 'NX'],
  [`eu-1a.pin._zone.web.prod.svc.${Z}`, 'A', 'NX'],
  [`eu-1a.pin._zone.alias.prod.svc.${Z}`, 'A', 'NX'],
  [`eu-1a.pin._zone.missing.data.svc.${Z}`, 'A', 'NX'],
]);

table('zonal off', '', ZONE, [[`eu-1a.pin._zone.spread.data.svc.${Z}`, 'A', 'NX']]);

table('ignore empty_service', 'ignore empty_service', ZONE, [
  [`noendpoints.prod.svc.${Z}`, 'A AAAA SRV TXT', 'NX'],
  [`web.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.4')],
  [`outside.prod.svc.${Z}`, 'CNAME', records('5 IN CNAME api.example.com.')],
]);

table('noendpoints', 'noendpoints', ZONE, [
  [`web.prod.svc.${Z}`, 'A', records('5 IN A 10.96.3.4')],
  [`db.data.svc.${Z}`, 'A', 'NX'],
  [`web-0.web.prod.svc.${Z}`, 'A', 'NX'],
]);

table('namespaces', 'namespaces data', ZONE, [
  [`prod.svc.${Z}`, 'A', 'NX'],
  [`web.prod.svc.${Z}`, 'A SRV TXT', 'NX'],
  [`db.data.svc.${Z}`, 'A', records('5 IN A 10.1.0.5', '5 IN A 10.1.0.6')],
]);

describe('letter case and TTL', () => {
  test('owners are as typed, names below the zone have the zone as typed', async () => {
    await using running = await startServer(corefile('ttl 30'));
    const asked = await ask(running.port, '_http._tcp.WEB.prod.svc.Cluster.LOCAL', 'SRV');
    expect(asked.answer).toEqual([
      '_http._tcp.WEB.prod.svc.Cluster.LOCAL. 30 IN SRV 0 50 80 web.prod.svc.Cluster.LOCAL.',
    ]);
    const missing = await ask(running.port, 'nosuch.prod.svc.CLUSTER.local', 'A');
    expect(missing.rcode).toBe(NXDOMAIN);
    expect(missing.authority[0]).toMatch(/^CLUSTER\.local\. 30 IN SOA ns\.dns\.CLUSTER\.local\. .* 30$/);
  });

  test('the SOA of the apex is in the answer, its TTL at most 300', async () => {
    await using running = await startServer(corefile('ttl 3600'));
    const { answer } = await ask(running.port, Z, 'SOA');
    expect(answer.map((soa) => soa.replace(/ \d+ 7200 /, ' SERIAL 7200 '))).toEqual([soaOf(ZONE, 3600)]);
  });
});

describe('fallthrough', () => {
  test('names that the cluster does not have go on, also reverse ones', async () => {
    await using running = await startServer(`.:0 {
      bind 127.0.0.1
      kubernetes cluster.local in-addr.arpa {
        manifests ${WORLD}
        fallthrough in-addr.arpa prod.svc.cluster.local
      }
      whoami
    }`);
    const answered = async (name: string, type: string) =>
      (await ask(running.port, name, type)).additional.length;
    expect(await answered('8.8.8.8.in-addr.arpa', 'PTR')).toBe(2);
    expect(await answered('4.3.96.10.in-addr.arpa', 'PTR')).toBe(0);
    expect(await answered(`missing.prod.svc.${Z}`, 'A')).toBe(2);
    expect((await ask(running.port, `missing.data.svc.${Z}`, 'A')).rcode).toBe(NXDOMAIN);
    expect(await answered('elsewhere.example', 'A')).toBe(2);
  });
});
