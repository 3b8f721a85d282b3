/** No process and no folder outlives a test, whatever ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { ChildProcesses } from './child-processes.ts';

const SLEEP = ['sleep', ['1000']] as const;

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('all end with their owner', async () => {
  const processes = new ChildProcesses();
  const children = [processes.start('one', ...SLEEP), processes.start('two', ...SLEEP)];
  expect(children.map(({ pid }) => lives(pid))).toEqual([true, true]);
  await processes[Symbol.asyncDispose]();
  expect(children.map(({ pid }) => lives(pid))).toEqual([false, false]);
  expect(existsSync(processes.folder)).toBe(false);
});

test('all end when the process of the test is killed', async () => {
  const script = `
    import { ChildProcesses } from ${JSON.stringify(new URL('child-processes.ts', import.meta.url).href)};
    const processes = new ChildProcesses();
    const pids = ['one', 'two'].map((name) => processes.start(name, 'sleep', ['1000']).pid);
    console.log(JSON.stringify({ pids, folder: processes.folder }));
    setInterval(() => {}, 1000);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout, 'data');
  const { pids, folder } = JSON.parse(String(line)) as { pids: number[]; folder: string };
  expect(pids.map(lives)).toEqual([true, true]);
  owner.kill('SIGKILL');
  await until('nothing is left', () => !pids.some(lives) && !existsSync(folder));
});

test('says what a program wrote, also before it ended', async () => {
  await using processes = new ChildProcesses();
  const child = processes.start('shell', 'sh', ['-c', 'echo out; echo err >&2; exit 3']);
  await until('its end', () => child.hasEnded());
  expect(child.output().split('\n').toSorted()).toEqual(['', 'err', 'out']);
});
