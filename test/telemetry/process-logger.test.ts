import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { jsonLines } from '../../src/telemetry/json-lines.ts';
import { createLogger, type LoggerOptions } from '../../src/telemetry/process-logger.ts';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { lines, log: createLogger({ debug: false, destination, ...options }) };
}

describe('text lines', () => {
  test('have CoreDNS prefixes and no time', () => {
    const { lines, log } = capture({ debug: true });
    log.debug('a');
    log.info('b');
    log.warning('c');
    log.error('d');
    log.fatal('e');
    log.forPlugin('health').info('f');
    expect(lines).toEqual([
      '[DEBUG] a\n',
      '[INFO] b\n',
      '[WARNING] c\n',
      '[ERROR] d\n',
      '[FATAL] e\n',
      '[INFO] plugin/health: f\n',
    ]);
  });

  test('debug lines come only while debug is on, for loggers made before as well', () => {
    const { lines, log } = capture();
    const plugin = log.forPlugin('forward');
    plugin.debug('not yet');
    log.setDebug(true);
    plugin.debug('now');
    log.setDebug(false);
    plugin.debug('no more');
    expect(lines).toEqual(['[DEBUG] plugin/forward: now\n']);
  });

  const controls: [message: string, line: string][] = [
    ['x.example.\n[ERROR] forged', '[INFO] x.example.\\n[ERROR] forged\n'],
    ['a\rb\0c\x1b[31m', '[INFO] a\\x0db\\x00c\\x1b[31m\n'],
    ['tab\there', '[INFO] tab\\there\n'],
    ['\x7f \x85 \u2028', '[INFO] \\x7f \\x85 \\u2028\n'],
    ['100 %s %d \\n', '[INFO] 100 %s %d \\n\n'],
    ['münchen.example.', '[INFO] münchen.example.\n'],
  ];
  test.each(controls)('%j can not begin a line of its own', (message, line) => {
    const { lines, log } = capture();
    log.info(message);
    expect(lines).toEqual([line]);
  });

  test('an endless message is cut', () => {
    const { lines, log } = capture();
    log.info('x'.repeat(limits.logLineChars + 1));
    expect(lines).toEqual([`[INFO] ${'x'.repeat(limits.logLineChars)}...\n`]);
  });
});

describe('JSON lines', () => {
  test('carry level, time, plugin and message', () => {
    const { lines, log } = capture({ format: jsonLines, debug: true });
    log.warning('w');
    log.forPlugin('ready').info('i\n"x"');
    log.fatal('f');
    const objects = lines.map((line) => JSON.parse(line));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(objects).toEqual([
      { level: 'warning', time, msg: 'w' },
      { level: 'info', time, plugin: 'ready', msg: 'i\n"x"' },
      { level: 'fatal', time, msg: 'f' },
    ]);
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });
});

describe('a descriptor', () => {
  let folder = '';
  let fd = -1;
  const written = () => readFileSync(join(folder, 'log'), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corvidns-log-'));
    fd = openSync(join(folder, 'log'), 'w');
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  test('gets every line in order, however many turns they come in', async () => {
    const log = createLogger({ debug: false, destination: fd });
    const expected: string[] = [];
    for (let i = 0; i < 3_000; i++) {
      log.info(`line ${i} é`);
      expected.push(`[INFO] line ${i} é`);
      if (i % 500 === 0) await new Promise(setImmediate);
    }
    await log.close();
    expect(written()).toBe(`${expected.join('\n')}\n`);
  });

  test('is written to at once by flush and by a fatal line', () => {
    const log = createLogger({ debug: false, destination: fd });
    log.info('a');
    log.flush();
    expect(written()).toBe('[INFO] a\n');
    log.fatal('b');
    expect(written()).toBe('[INFO] a\n[FATAL] b\n');
    return log.close();
  });

  test('a full buffer drops the newest lines and counts them', async () => {
    let dropped = 0;
    const onDrop = (lines: number) => {
      dropped += lines;
    };
    const log = createLogger({ debug: false, destination: fd, onDrop });
    const long = 'y'.repeat(limits.logLineChars - 8);
    const fits = Math.floor(limits.logBufferChars / `[INFO] ${long}\n`.length);
    for (let i = 0; i < fits + 7; i++) log.info(long);
    expect(dropped).toBe(7);
    await log.close();
    expect(written().split('\n').length - 1).toBe(fits);
  });

  test('close leaves no listener on the process', async () => {
    const before = process.listenerCount('exit');
    const log = createLogger({ debug: false, destination: fd });
    await log.close();
    expect(process.listenerCount('exit')).toBe(before);
  });
});

test('a destination that fails does not throw and does not stop', async () => {
  const fd = openSync('/dev/full', 'w');
  const log = createLogger({ debug: false, destination: fd });
  for (let i = 0; i < 3; i++) {
    log.error('no room');
    await new Promise(setImmediate);
  }
  log.flush();
  await log.close();
  closeSync(fd);
});
