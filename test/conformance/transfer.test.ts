/** A transfer of the cluster's zone by CoreDNS and by corvidns, from one API server, as dig gets them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ControlPlane, hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { fill } from './conformance.ts';
import { type Subject, startSubject, subjects } from './servers.ts';

const ZONE = 'cluster.local.';
const NOTHING: ReadonlySet<string> = new Set();

/** Each record once, in dig's form with single blanks. */
async function transfer(plane: ControlPlane, subject: Subject, corefile: string): Promise<Set<string>> {
  const { port, stop } = await startSubject(plane.processes, subject, corefile);
  try {
    const args = ['@127.0.0.1', '-p', String(port), ZONE, 'AXFR', '+noall', '+answer'];
    const { stdout } = await promisify(execFile)('dig', args, { maxBuffer: 64 * 1024 * 1024 });
    return new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/\s+/g, ' ')),
    );
  } finally {
    await stop();
  }
}

/** What may differ is left out: docs/corefile.md, transfer, says why. */
function comparable(record: string): string {
  return (
    record
      // The moment at which each saw the last change.
      .replace(/(?<= SOA \S+ \S+ )\d+/, 'SERIAL')
      // Weights are here what queries are answered with.
      .replace(/(?<= SRV )0 \d+/, '0 WEIGHT')
  );
}

describe.skipIf(!hasControlPlane(['coredns']))('AXFR of the cluster zone', () => {
  test('has the same records', { timeout: 300_000 }, async () => {
    await using plane = await ControlPlane.start();
    const { kubeconfig } = await fill(plane, { seed: 1, generatedServices: 40 });
    const corefile = `.:PORT {
    ready 127.0.0.1:READY
    transfer ${ZONE} {
      to *
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      kubeconfig ${kubeconfig}
    }
}
`;
    const [coredns = NOTHING, corvidns = NOTHING] = await Promise.all(
      subjects.map((subject) => transfer(plane, subject, corefile)),
    );
    expect(corvidns.size).toBeGreaterThan(300);
    // CoreDNS has the addresses of name servers a second time, with a TTL of 0.
    const once = [...coredns].filter((record) => !/ 0 IN (A|AAAA) /.test(record));
    const sorted = (records: readonly string[]) => [...new Set(records.map(comparable))].sort();
    expect(sorted([...corvidns])).toEqual(sorted(once));
  });
});
