import { describe, expect, test } from 'vitest';
import {
  expectArgs,
  noArgs,
  noBlock,
  onlyArg,
  onlyOnce,
  parseDuration,
  parseHostPort,
  parseInteger,
  readProperties,
} from '../../src/corefile/args.ts';
import { CorefileError } from '../../src/corefile/error.ts';
import { directive, mistakeOf, token } from './tokens.ts';

describe('durations, as Go reads them', () => {
  test.each([
    ['5s', 5000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 0.000001],
    ['1.1s', 1100],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2s', -2000],
    ['+2s', 2000],
    ['-1m30s', -90_000],
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['1h2m3s4ms', 3_723_004],
    ['2562047h', 9_223_369_200_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(token(text))).toBe(ms);
  });

  test.each([
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['.', 'time: invalid duration "."'],
    ['s', 'time: invalid duration "s"'],
    ['--1s', 'time: invalid duration "--1s"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1m30', 'time: missing unit in duration "1m30"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['5S', 'time: unknown unit "S" in duration "5S"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['2562048h', 'time: invalid duration "2562048h"'],
  ])('%j is none', (text, message) => {
    expect(mistakeOf(() => parseDuration(token(text)))).toBe(message);
  });
});

describe('host and port, as Go splits them', () => {
  test.each([
    [':8080', '', 8080],
    ['127.0.0.1:8181', '127.0.0.1', 8181],
    ['localhost:0', 'localhost', 0],
    ['[::1]:53', '::1', 53],
    ['[]:53', '', 53],
    ['[fe80::1%eth0]:65535', 'fe80::1%eth0', 65535],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(token(text))).toEqual({ host, port });
  });

  test('a default host is for addresses without one', () => {
    expect(parseHostPort(token(':53'), 'localhost')).toEqual({ host: 'localhost', port: 53 });
    expect(parseHostPort(token('[::1]:53'), 'localhost').host).toBe('::1');
  });

  test.each([
    ['localhost', 'address localhost: missing port in address'],
    ['', 'address : missing port in address'],
    ['localhost:', 'address localhost:: missing port in address'],
    ['[::1]', 'address [::1]: missing port in address'],
    ['[::1]x:53', 'address [::1]x:53: missing port in address'],
    ['::1:53', 'address ::1:53: too many colons in address'],
    ['[::1]:53:54', 'address [::1]:53:54: too many colons in address'],
    ['[::1:53', "address [::1:53: missing ']' in address"],
    ['a[b:53', "address a[b:53: unexpected '[' in address"],
    ['a]b:53', "address a]b:53: unexpected ']' in address"],
    [':http', 'address :http: invalid port "http"'],
    [':65536', 'address :65536: invalid port "65536"'],
    [':-1', 'address :-1: invalid port "-1"'],
  ])('%j is none', (text, message) => {
    expect(mistakeOf(() => parseHostPort(token(text)))).toBe(message);
  });
});

describe('whole numbers', () => {
  test.each([
    ['0', 0],
    ['30', 30],
    ['-7', -7],
    ['+7', 7],
    ['007', 7],
  ])('%s', (text, number) => {
    expect(parseInteger(token(text))).toBe(number);
  });

  test.each([
    ['', {}, "'' is not a whole number"],
    ['1.5', {}, "'1.5' is not a whole number"],
    ['0x10', {}, "'0x10' is not a whole number"],
    ['9007199254740993', {}, "'9007199254740993' is not a whole number"],
    ['-1', { min: 0 }, '-1 is too small: the least is 0'],
    ['3601', { min: 0, max: 3600, what: 'ttl' }, 'ttl: 3601 is too large: the most is 3600'],
  ])('%j within %j is none', (text, bounds, message) => {
    expect(mistakeOf(() => parseInteger(token(text), bounds))).toBe(message);
  });
});

describe('arguments and blocks of a directive', () => {
  test('as many as are expected are given back', () => {
    expect(expectArgs(directive('forward . a b'), { min: 2 }).map(({ text }) => text)).toEqual([
      '.',
      'a',
      'b',
    ]);
    expect(onlyArg(directive('root /zones')).text).toBe('/zones');
    noArgs(directive('loop'));
    noBlock(directive('loop'));
  });

  test.each([
    ['forward .', { min: 2 }, "Wrong argument count or unexpected line ending after '.'"],
    ['forward', { min: 2 }, "Wrong argument count or unexpected line ending after 'forward'"],
    ['loop x', { min: 0, max: 0 }, "Wrong argument count or unexpected line ending after 'x'"],
  ])('%s within %j is a mistake', (text, count, message) => {
    expect(mistakeOf(() => expectArgs(directive(text), count))).toBe(message);
  });

  test('an argument, a block or a repetition too many is a mistake', () => {
    expect(mistakeOf(() => noArgs(directive('loop x')))).toContain("after 'x'");
    expect(mistakeOf(() => onlyArg(directive('root')))).toContain("after 'root'");
    expect(mistakeOf(() => onlyArg(directive('root a b')))).toContain("after 'b'");
    expect(mistakeOf(() => noBlock(directive('loop {\n}')))).toBe(
      "Unexpected token '{', 'loop' takes no block",
    );
    const loop = directive('loop');
    expect(onlyOnce([loop])).toBe(loop);
    expect(mistakeOf(() => onlyOnce([loop, loop]))).toBe(
      'this plugin can only be used once per Server Block',
    );
  });

  test('every property goes to its reader', () => {
    const seen: string[] = [];
    readProperties(directive('cache {\nsuccess 1\ndenial 2\nsuccess 3\n}'), {
      success: ({ args }) => void seen.push(`success ${args[0]?.text}`),
      denial: ({ args }) => void seen.push(`denial ${args[0]?.text}`),
    });
    expect(seen).toEqual(['success 1', 'denial 2', 'success 3']);
    readProperties(directive('cache'), {});
  });

  test.each(['sucess', 'constructor', '__proto__'])('the property %s is unknown', (name) => {
    const text = `cache {\n  ${name} 1\n}`;
    expect(mistakeOf(() => readProperties(directive(text), { success: () => {} }))).toBe(
      `unknown property '${name}'`,
    );
  });

  test('a mistake is where it was made', () => {
    const { args } = directive('  cache 30s 5x');
    try {
      parseDuration(args[1] ?? token(''));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CorefileError);
      expect(error).toMatchObject({ position: { file: 'Corefile', line: 2, column: 13 }, length: 2 });
    }
  });
});
