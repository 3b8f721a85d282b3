/** What both servers forward to: CoreDNS again, with zone files of its own. It has no names but those. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcesses } from '../cluster/control-plane/child-processes.ts';
import { type RunningSubject, startSubject } from './servers.ts';

const ZONE = `$TTL 3600
@        IN SOA ns.example.com. admin.example.com. 1 7200 1800 86400 20
@        IN NS  ns.example.com.
@        IN MX  10 mail.example.com.
ns       IN A   192.0.2.1
www      IN A   192.0.2.2
www      IN AAAA 2001:db8:1::2
mail     300 IN A 192.0.2.3
short    1 IN A 192.0.2.4
zero     0 IN A 192.0.2.5
alias    IN CNAME www
far      IN CNAME alias
dangling IN CNAME missing
nodata   IN TXT "no address"
*.wild   IN A   192.0.2.6
_sip._udp IN SRV 1 2 5060 www
text     IN TXT "one" "two words"
caa      IN CAA 0 issue "ca.example.net"
host.docker IN A 192.0.2.7
${Array.from({ length: 60 }, (_, at) => `large IN AAAA 2001:db8:2::${(at + 1).toString(16)}`).join('\n')}
`;

/** Names of the zone, below example.com, for the questions. */
export const upstreamNames = [
  ...[
    '',
    'ns',
    'www',
    'mail',
    'short',
    'zero',
    'alias',
    'far',
    'dangling',
    'nodata',
    'a.wild',
    'b.c.wild',
    'wild',
  ],
  ...['_sip._udp', '_udp', 'text', 'caa', 'large', 'missing', 'missing.www'],
].map((name) => (name === '' ? 'example.com.' : `${name}.example.com.`));

export async function startUpstream(processes: ChildProcesses): Promise<RunningSubject> {
  const zone = join(processes.folder, 'example.com.zone');
  writeFileSync(zone, ZONE);
  const corefile = `example.com:PORT {
    bind 127.0.0.1
    ready 127.0.0.1:READY
    file ${zone}
  }
  .:PORT {
    bind 127.0.0.1
    template ANY ANY . {
      rcode NXDOMAIN
      authority ". 60 IN SOA a.root. admin.root. 1 7200 1800 86400 30"
    }
  }
  `;
  return startSubject(processes, 'coredns', corefile);
}
