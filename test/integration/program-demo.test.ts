/** `corvidns demo`: what it invites to try works as it is printed. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/http.ts';
import { cleanUp, start } from '../support/program.ts';
import { until } from '../support/until.ts';

afterEach(cleanUp);

const INVITATION = 'The demo cluster is served. Try:';

const answers: readonly (readonly string[])[] = [
  ['web.shop.svc.cluster.local. 30 IN A 10.96.20.10'],
  [0, 1, 2].map(
    (n) => `_postgres._tcp.db.data.svc.cluster.local. 30 IN SRV 0 33 5432 db-${n}.db.data.svc.cluster.local.`,
  ),
  ['10.20.96.10.in-addr.arpa. 30 IN PTR web.shop.svc.cluster.local.'],
];

describe('demo', () => {
  test('the dig lines work as printed', async ({ skip }) => {
    skip(spawnSync('dig', ['-v']).error !== undefined, 'dig is not installed');
    const port = await freePort();
    const program = start(['demo', '-p', String(port)]);
    await program.wait(/dig .* -x /);
    const commands = program.lines.slice(program.lines.indexOf(INVITATION) + 1).map((line) => line.trim());
    expect(commands).toHaveLength(answers.length);
    for (const [index, command] of commands.entries()) {
      expect(command).toMatch(new RegExp(`^dig @127\\.0\\.0\\.1 -p ${port} `));
      const { status, stdout } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toContain('status: NOERROR');
      expect(answersOf(stdout)).toEqual(answers[index]);
    }
    expect(program.stderr).toBe('');
  });

  test('without -p it is port 1053, free or not', async () => {
    const program = start(['demo']);
    const named = () =>
      program.stdout.includes('dig @127.0.0.1 -p 1053 ') || program.stderr.includes('127.0.0.1:1053: ');
    await until('the port is named', named);
  });

  test('of a Corefile of one’s own', async () => {
    const program = start(['demo', '-conf', 'stdin', '-p', '0'], {
      stdin: '. {\n bind 127.0.0.1\n whoami\n}',
    });
    const port = await program.port();
    await program.wait(new RegExp(`^ {2}dig @127\\.0\\.0\\.1 -p ${port} `));
  });
});

/** Records of the answer section, sorted, with one space between fields. */
function answersOf(output: string): string[] {
  const [, section = ''] = output.split(';; ANSWER SECTION:\n');
  const [records = ''] = section.split('\n\n');
  return records
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' '))
    .sort();
}
