/** `-udp`: how UDP is read, what the log says of it, and what happens where native calls cannot be had. */
import { afterEach, expect, test } from 'vitest';
import { native } from '../server/udp-kinds.ts';
import { ask } from '../support/ask.ts';
import { cleanUp, makeFolder, type Program, start } from '../support/program.ts';

afterEach(cleanUp);

const WITHOUT_FFI = { NODE_OPTIONS: '--no-experimental-ffi' };

function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const Corefile = '.:0 {\n bind 127.0.0.1\n whoami\n multisocket 2\n}';
  return start(args, { cwd: makeFolder({ Corefile }), env });
}

const BATCHED = '[INFO] UDP is read in batches (recvmmsg)';
const DGRAM = '[INFO] UDP is read datagram by datagram (dgram): ';

const table: [args: string[], env: Record<string, string>, line: string][] = [
  [['-udp', 'dgram'], {}, `${DGRAM}as -udp says`],
  ...(native === undefined
    ? []
    : ([
        [[], {}, BATCHED],
        [['-udp', 'batched'], {}, BATCHED],
        [[], WITHOUT_FFI, `${DGRAM}this Node has no node:ffi`],
      ] as [string[], Record<string, string>, string][])),
];
test.each(table)('%j %j: %s', async (args, env, line) => {
  const program = serve(args, env);
  expect((await ask(await program.port(), 'example.org', 'A')).rcode).toBe(0);
  expect(program.lines).toContain(line);
  program.signal('SIGTERM');
  expect(await program.exit).toBe(0);
  expect(program.stderr).toBe('');
});

test.runIf(native !== undefined)(
  '-udp batched where it cannot be had is a mistake of the operator',
  async () => {
    const program = serve(['-udp', 'batched'], WITHOUT_FFI);
    expect(await program.exit).toBe(1);
    expect(program.stderr).toBe('-udp batched cannot be had: this Node has no node:ffi; use auto or dgram\n');
  },
);
