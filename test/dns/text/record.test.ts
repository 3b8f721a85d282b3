import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord, Name, PresentationError, parseRecord } from '../../../src/dns/index.ts';
import { resourceRecord } from '../arbitraries.ts';

const origin = Name.fromText('example.com');

describe('a record in text', () => {
  it.each([
    ['a. 60 IN A 10.0.0.1', 'a.\t60\tIN\tA\t10.0.0.1'],
    ['a. IN 60 A 10.0.0.1', 'a.\t60\tIN\tA\t10.0.0.1'],
    ['a. in a 10.0.0.1', 'a.\t30\tIN\tA\t10.0.0.1'],
    ['a. A 10.0.0.1', 'a.\t30\tIN\tA\t10.0.0.1'],
    ['a. 0 A 10.0.0.1', 'a.\t0\tIN\tA\t10.0.0.1'],
    ['a. 1h30m A 10.0.0.1', 'a.\t5400\tIN\tA\t10.0.0.1'],
    ['a. 1W2D A 10.0.0.1', 'a.\t777600\tIN\tA\t10.0.0.1'],
    ['a. 4294967295 A 10.0.0.1', 'a.\t4294967295\tIN\tA\t10.0.0.1'],
    ['\ta A 10.0.0.1'.trim(), 'a.example.com.\t30\tIN\tA\t10.0.0.1'],
    ['@ NS ns', 'example.com.\t30\tIN\tNS\tns.example.com.'],
    ['a\\. MX 1 @', 'a\\..example.com.\t30\tIN\tMX\t1 example.com.'],
    ['a\\\\. NS .', 'a\\\\.\t30\tIN\tNS\t.'],
    ['a. ( 60\n IN ) TXT "x;y" ; z', 'a.\t60\tIN\tTXT\t"x;y"'],
    ['a. TXT (one\ntwo)', 'a.\t30\tIN\tTXT\t"one" "two"'],
    ['; first\n\na. A 10.0.0.1\n', 'a.\t30\tIN\tA\t10.0.0.1'],
    // RFC 3597 §5
    ['a. 5 CLASS32 TYPE731 \\# 6 abcd ( ef 01 23 45 )', 'a.\t5\tCLASS32\tTYPE731\t\\# 6 ABCDEF012345'],
    ['a. 5 HS TYPE62347 \\# 0', 'a.\t5\tHS\tTYPE62347\t\\# 0'],
    ['a. 5 IN A \\# 4 0A000001', 'a.\t5\tIN\tA\t10.0.0.1'],
    ['a. 5 CLASS1 TYPE1 10.0.0.2', 'a.\t5\tIN\tA\t10.0.0.2'],
  ])('%j', (text, printed) => {
    expect(formatRecord(parseRecord(text, { origin, defaultTtl: 30 }))).toBe(printed);
  });

  it('has no relative names without an origin', () => {
    expect(String(parseRecord('a 5 NS b').owner)).toBe('a.');
  });

  it.each([
    ['', 'missing'],
    ['a.', 'TTL'],
    ['a. 5', 'type'],
    ['a. A 10.0.0.1', 'TTL'],
    [' 5 IN A 10.0.0.1', 'owner'],
    ['a. 4294967296 A 10.0.0.1', 'number'],
    ['a. 5x A 10.0.0.1', 'number'],
    ['a. 9999999w A 10.0.0.1', 'number'],
    ['a. 5 5 A 10.0.0.1', 'unknown type'],
    ['a. 5 IN NOTYPE x', 'unknown type'],
    ['a. 5 ( A 10.0.0.1', 'parenthesis'],
    ['a. 5 ) A 10.0.0.1', 'parenthesis'],
    ['a. 5 A 10.0.0.1\nb. 5 A 10.0.0.2', 'more than one'],
    ['"a." 5 TXT "', 'quote'],
  ])('refuses %j', (text, why) => {
    expect(() => parseRecord(text)).toThrow(PresentationError);
    expect(() => parseRecord(text)).toThrow(why);
  });

  it('comes back from what any record prints', () => {
    fc.assert(
      fc.property(resourceRecord, (record) => {
        expect(parseRecord(formatRecord(record))).toEqual(record);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused with a PresentationError whatever the text', () => {
    const word = fc.constantFrom(
      'a.',
      '60',
      'IN',
      'A',
      'SVCB',
      'NSEC3',
      'RRSIG',
      '\\#',
      '"',
      '(',
      ')',
      ';',
      '\\',
      '=',
      '1',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 14 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (words) => {
        try {
          parseRecord(words, { origin, defaultTtl: 1 });
        } catch (error) {
          expect(error).toBeInstanceOf(PresentationError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
