import { describe, expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { RrClass, RrType } from '../../../src/dns/types.ts';
import { answersQuestion } from '../../../src/plugins/cache/answers.ts';
import { records } from './harness.ts';

const A = 'IN A 192.0.2.1';

describe('whether records answer a question for www.example.org', () => {
  test.each<[what: string, type: number, answer: string[], answered: boolean]>([
    ['the record itself', RrType.A, [`www.example.org. 1 ${A}`], true],
    ['in other letters', RrType.A, [`WWW.Example.ORG. 1 ${A}`], true],
    ['another type', RrType.AAAA, [`www.example.org. 1 ${A}`], false],
    ['another owner', RrType.A, [`example.org. 1 ${A}`], false],
    ['another class', RrType.A, ['www.example.org. 1 CH A \\# 1 00'], false],
    ['nothing', RrType.A, [], false],
    ['an alias and its target', RrType.A, ['www.example.org. 1 CNAME a.example.', `a.example. 1 ${A}`], true],
    ['in the other order', RrType.A, [`A.example. 1 ${A}`, 'www.example.org. 1 CNAME a.example.'], true],
    [
      'two aliases',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', 'a.example. 1 CNAME b.example.', `b.example. 1 ${A}`],
      true,
    ],
    ['an alias to nothing', RrType.A, ['www.example.org. 1 CNAME a.example.'], false],
    [
      'a target that nothing leads to',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', `b.example. 1 ${A}`],
      false,
    ],
    [
      'data beside an alias',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', `www.example.org. 1 ${A}`],
      false,
    ],
    [
      'data before an alias',
      RrType.A,
      [`www.example.org. 1 ${A}`, 'www.example.org. 1 CNAME a.example.'],
      false,
    ],
    ['data before an alias of another', RrType.A, [`www.example.org. 1 ${A}`, 'a. 1 CNAME b.'], true],
    [
      'an alias twice',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', 'www.example.org. 1 CNAME A.example.', `a.example. 1 ${A}`],
      true,
    ],
    [
      'two different aliases',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', 'www.example.org. 1 CNAME b.example.', `a.example. 1 ${A}`],
      false,
    ],
    [
      'three aliases, two of them alike',
      RrType.A,
      [
        'www.example.org. 1 CNAME a.example.',
        'www.example.org. 1 CNAME b.example.',
        'www.example.org. 1 CNAME a.example.',
        `a.example. 1 ${A}`,
      ],
      false,
    ],
    [
      'contradictions off the way',
      RrType.A,
      [`www.example.org. 1 ${A}`, 'x.example. 1 CNAME a.example.', 'x.example. 1 CNAME b.example.'],
      true,
    ],
    ['an alias of itself', RrType.A, ['www.example.org. 1 CNAME www.example.org.'], false],
    [
      'a loop',
      RrType.A,
      ['www.example.org. 1 CNAME a.example.', 'a.example. 1 CNAME www.example.org.'],
      false,
    ],
    [
      'a loop further on',
      RrType.A,
      [
        'www.example.org. 1 CNAME a.example.',
        'a.example. 1 CNAME b.example.',
        'b.example. 1 CNAME a.example.',
      ],
      false,
    ],
    ['the alias, asked for', RrType.CNAME, ['www.example.org. 1 CNAME a.example.'], true],
    [
      'two aliases, asked for',
      RrType.CNAME,
      ['www.example.org. 1 CNAME a.example.', 'www.example.org. 1 CNAME b.example.'],
      false,
    ],
    ['the alias of another', RrType.CNAME, ['a.example. 1 CNAME b.example.'], false],
    ['ANY: whatever is there', RrType.ANY, ['www.example.org. 1 TXT x'], true],
    ['ANY: at another name', RrType.ANY, ['example.org. 1 TXT x'], false],
    [
      'MX behind an alias',
      RrType.MX,
      ['www.example.org. 1 CNAME a.example.', 'a.example. 1 MX 1 m.example.'],
      true,
    ],
  ])('%s', (_what, type, answer, answered) => {
    const question = { name: Name.fromText('www.example.org.'), type, class: RrClass.IN };
    expect(answersQuestion(question, records(...answer))).toBe(answered);
  });

  test('class ANY takes every class', () => {
    const question = { name: Name.fromText('www.example.org.'), type: RrType.TXT, class: RrClass.ANY };
    expect(answersQuestion(question, records('www.example.org. 1 CH TXT x'))).toBe(true);
  });

  test('a chain of thousands of aliases is followed to its end', () => {
    const question = { name: Name.fromText('0.example.'), type: RrType.A, class: RrClass.IN };
    const chain = Array.from({ length: 4000 }, (_, i) => `${i}.example. 1 CNAME ${i + 1}.example.`);
    expect(answersQuestion(question, records(...chain, `4000.example. 1 ${A}`))).toBe(true);
  });
});
