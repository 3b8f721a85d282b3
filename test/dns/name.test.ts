import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Name, PresentationError } from '../../src/dns/index.ts';
import { limits } from '../../src/limits.ts';
import { name as anyName } from './arbitraries.ts';
import { hex, toHex } from './messages.ts';

describe('a name in text', () => {
  it.each([
    ['.', '00', '.'],
    ['example.com', "07'example'03'com'00", 'example.com.'],
    ['example.com.', "07'example'03'com'00", 'example.com.'],
    ['ExAmple.com.', "07'ExAmple'03'com'00", 'ExAmple.com.'],
    ['*.a_b.c-d.', "01'*'03'a_b'03'c-d'00", '*.a_b.c-d.'],
    ['a\\.b.c.', "03'a.b'01'c'00", 'a\\.b.c.'],
    ['a\\046b.c.', "03'a.b'01'c'00", 'a\\.b.c.'],
    ['\\000\\255.', '02 00ff 00', '\\000\\255.'],
    ['a\\032b.', "03'a b'00", 'a\\032b.'],
    ['a b.', "03'a b'00", 'a\\032b.'],
    ['\\@\\;\\(\\)\\"\\$.', "06'@;()\"$'00", '\\@\\;\\(\\)\\"\\$.'],
    ['\\a.', "01'a'00", 'a.'],
    ['ü.', '02 c3bc 00', '\\195\\188.'],
  ])('%s', (text, wire, printed) => {
    const name = Name.fromText(text);
    expect(toHex(name.wire)).toBe(toHex(hex(wire)));
    expect(name.toString()).toBe(printed);
  });

  it.each([
    ['', 'empty'],
    ['..', 'empty label'],
    ['a..b', 'empty label'],
    ['.a', 'empty label'],
    ['a\\', 'backslash'],
    ['a\\25', 'escape'],
    ['a\\256', 'escape'],
    ['a\\1x2', 'escape'],
    [`${'a'.repeat(64)}.`, '63'],
    [`${'a.'.repeat(127)}a`, '255'],
  ])('%j is refused', (text, why) => {
    expect(() => Name.fromText(text)).toThrow(PresentationError);
    expect(() => Name.fromText(text)).toThrow(why);
  });

  it('takes 63 octets in a label and 255 in all', () => {
    expect(Name.fromText('a'.repeat(63)).wire).toHaveLength(65);
    expect(Name.fromText('a.'.repeat(127)).wire).toHaveLength(255);
  });

  it('comes back from what it printed', () => {
    fc.assert(
      fc.property(anyName, (name) => toHex(Name.fromText(name.toString()).wire) === toHex(name.wire)),
    );
  });
});

describe('comparing names', () => {
  it('ignores ASCII case and nothing else', () => {
    expect(Name.fromText('WWW.Example.COM').equals(Name.fromText('www.example.com.'))).toBe(true);
    expect(Name.fromText('\\193.').equals(Name.fromText('\\225.'))).toBe(false);
    expect(Name.fromText('a\\.b.').equals(Name.fromText('a.b.'))).toBe(false);
    expect(Name.fromText('[.').equals(Name.fromText('{.'))).toBe(false);
  });

  it('says of any two names what their keys say', () => {
    const ends = ['b.c', 'B.c', '\\001b.c', 'c', '.'].map((text) => Name.fromText(text));
    const short = fc.constantFrom(...ends);
    fc.assert(
      fc.property(fc.oneof(anyName, short), short, short, (head, zone, other) => {
        const name = head.wire.length < 200 ? head.concat(zone) : zone;
        const labels = other.labelCount;
        expect(name.isWithin(zone)).toBe(true);
        expect(name.isWithin(other)).toBe(name.labelCount >= labels && name.suffix(labels).key === other.key);
        expect(name.equals(other)).toBe(name.key === other.key);
      }),
    );
  });

  it.each([
    ['a.b.c', 'b.c', true],
    ['a.B.c', 'b.C', true],
    ['b.c', 'b.c', true],
    ['b.c', '.', true],
    ['.', '.', true],
    ['.', 'c', false],
    ['ab.c', 'b.c', false],
    ['b.c', 'a.b.c', false],
    // The octets of one end in those of the other, its labels do not.
    ['a\\001b.c', 'b.c', false],
  ])('%s within %s: %s', (name, zone, expected) => {
    expect(Name.fromText(name).isWithin(Name.fromText(zone))).toBe(expected);
  });
});

describe('parts of a name', () => {
  const name = Name.fromText('Www.Example.com');

  it('counts and lists its labels', () => {
    expect(name.labelCount).toBe(3);
    expect(name.labels()).toEqual(['www', 'example', 'com']);
    expect(Name.root.labelCount).toBe(0);
    expect(Name.root.labels()).toEqual([]);
  });

  it('has each label in lower case, without a string of the whole too', () => {
    expect([0, 1, 2, 3].map((i) => name.label(i))).toEqual(['www', 'example', 'com', '']);
    expect(Name.root.label(0)).toBe('');
    fc.assert(
      fc.property(anyName, (any) => {
        const labels = any.labels();
        expect(labels.map((_, i) => any.label(i))).toEqual(labels);
        for (const [i, label] of labels.entries()) expect(any.labelIs(i, label)).toBe(true);
        expect(any.labelIs(labels.length, 'svc')).toBe(false);
      }),
    );
    expect(name.labelIs(0, 'ww')).toBe(false);
    expect(name.labelIs(0, 'wwx')).toBe(false);
    // A bit apart, as letters of two cases are, and no letters.
    expect(Name.fromText('[').labelIs(0, '{')).toBe(false);
  });

  it('has its own labels among more than there is room for, in whatever letters', () => {
    const count = 3 * limits.labelTexts;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < count; i++) {
        const text = `${i % 2 === round % 2 ? 'Web' : 'web'}-${i}`;
        expect(Name.fromLabels([text, 'svc']).label(0)).toBe(`web-${i}`);
      }
    }
    for (let i = 0; i < 5; i++) expect(Name.fromLabels(['Ab', 'c']).label(0)).toBe('ab');
  });

  it('has a zone in its letters or in others', () => {
    expect(name.spells(Name.fromText('Example.com'))).toBe(true);
    expect(name.spells(Name.fromText('example.com'))).toBe(false);
    expect(name.spells(Name.root)).toBe(true);
    expect(String(name.foldedAbove(Name.fromText('example.com')))).toBe('www.Example.com.');
    expect(String(name.foldedAbove(Name.root))).toBe('www.example.com.');
    const folded = Name.fromText('www.Example.com');
    expect(folded.foldedAbove(Name.fromText('example.com'))).toBe(folded);
  });

  it('is made of labels with others behind them', () => {
    const made = Name.fromLabels(['A', Buffer.from('b'), 'ü'], name);
    expect(String(made)).toBe('A.b.\\195\\188.Www.Example.com.');
    expect(() => Name.fromLabels(['a', ''], name)).toThrow('empty label');
    expect(() => Name.fromLabels(['ü'.repeat(32)], name)).toThrow('63');
    expect(() =>
      Name.fromLabels(
        Array.from({ length: 120 }, () => 'a'),
        name,
      ),
    ).toThrow('255');
  });

  it('has prefixes in its own letter case', () => {
    expect(name.prefix(2).concat(Name.fromText('org'))).toEqual(Name.fromText(`${name.prefix(2)}org.`));
    expect(String(name.prefix(1).concat(name.suffix(2)))).toBe(String(name));
    expect(String(name.prefix(0))).toBe('.');
    expect(name.prefix(3)).toBe(name);
    expect(name.prefix(9)).toBe(name);
  });

  it('has suffixes in its own letter case', () => {
    expect(String(name.suffix(2))).toBe('Example.com.');
    expect(String(name.suffix(0))).toBe('.');
    expect(name.suffix(3)).toBe(name);
    expect(name.suffix(9)).toBe(name);
  });

  it('is joined with another within 255 octets', () => {
    expect(String(Name.fromText('a.b').concat(name))).toBe('a.b.Www.Example.com.');
    expect(Name.root.concat(name).equals(name)).toBe(true);
    expect(() => Name.fromText('a.'.repeat(120)).concat(name)).toThrow(PresentationError);
  });
});
