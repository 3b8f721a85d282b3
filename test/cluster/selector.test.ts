import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/cluster/selector.ts';

const web = { app: 'web', env: 'prod', 'example.org/tier': 'front', empty: '' };

describe('a label selector holds for app=web, env=prod, example.org/tier=front, empty=', () => {
  it.each([
    ['', true],
    ['   ', true],
    ['app=web', true],
    ['app==web', true],
    [' app = web ', true],
    ['app=db', false],
    ['app=WEB', false],
    ['missing=web', false],
    ['app!=db', true],
    ['app!=web', false],
    ['missing!=web', true],
    ['app', true],
    ['missing', false],
    ['!app', false],
    ['!missing', true],
    ['! missing', true],
    ['empty', true],
    ['empty=', true],
    ['empty!=', false],
    ['app=', false],
    ['missing=', false],
    ['env in (prod,test)', true],
    ['env in (test)', false],
    ['env in(prod)', true],
    ['missing in (prod)', false],
    ['env notin (test, dev)', true],
    ['env notin (prod)', false],
    ['missing notin (prod)', true],
    ['empty in (,x)', true],
    ['empty in (x,)', true],
    ['app in (,x)', false],
    ['app=web,env=prod', true],
    ['app=web,env=test', false],
    ['app=web,app=db', false],
    ['env in (prod),!missing,example.org/tier=front', true],
    ['constructor', false],
    ['toString!=x', true],
  ])('%j: %s', (text, expected) => {
    expect(parseSelector(text)(web)).toBe(expected);
  });
});

describe('words of the language are keys and values too', () => {
  it.each([
    ['in', { in: 'x' }],
    ['in in (in)', { in: 'in' }],
    ['notin=notin', { notin: 'notin' }],
  ])('%j', (text, labels) => {
    expect(parseSelector(text)(labels)).toBe(true);
    expect(parseSelector(text)({})).toBe(false);
  });
});

it('a label that is not text counts as not given', () => {
  expect(parseSelector('version')({ version: 1 })).toBe(false);
});

describe('what is no selector is refused with one line', () => {
  it.each([
    ['=web', "found '=' at column 1, expected a label key"],
    [',', "found ',' at column 1, expected a label key"],
    ['app=web,', 'found the end at column 9, expected a label key'],
    ['app=web,,env', "found ',' at column 9, expected a label key"],
    ['!', 'found the end at column 2, expected a label key'],
    ['!app=web', "found '=' at column 5, expected ',' or the end"],
    ['app web', "found 'web' at column 5, expected one of '=', '==', '!=', 'in', 'notin'"],
    ['app > 5', "found '>' at column 5, expected one of '=', '==', '!=', 'in', 'notin'"],
    ['app ! web', "found '!' at column 5, expected one of '=', '==', '!=', 'in', 'notin'"],
    ['app===web', "found '=' at column 6, expected a value"],
    ['app=web env=prod', "found 'env' at column 9, expected ',' or the end"],
    ['app in', "found the end at column 7, expected '('"],
    ['app in web', "found 'web' at column 8, expected '('"],
    ['app in ()', "found ')' at column 9, expected a value"],
    ['app in (web', "found the end at column 12, expected ',' or ')'"],
    ['app in (web db)', "found 'db' at column 13, expected ',' or ')'"],
    ['app=web)', "found ')' at column 8, expected ',' or the end"],
    ['-app', "'-app' at column 1 is not a label key ([prefix/]name)"],
    ['/app', "'/app' at column 1 is not a label key ([prefix/]name)"],
    ['a/b/c', "'a/b/c' at column 1 is not a label key ([prefix/]name)"],
    ['Example.org/app', "'Example.org/app' at column 1 is not a label key ([prefix/]name)"],
    [`${'a'.repeat(64)}`, `'${'a'.repeat(64)}' at column 1 is not a label key ([prefix/]name)`],
    [`${'a.'.repeat(126)}aa/b`, `'${'a.'.repeat(126)}aa/b' at column 1 is not a label key ([prefix/]name)`],
    ['app=web_', "'web_' at column 5 is not a label value"],
    ['app=a/b', "'a/b' at column 5 is not a label value"],
  ])('%j', (text, message) => {
    expect(() => parseSelector(text)).toThrow(new Error(message));
  });
});

it('takes the longest key and value that Kubernetes takes', () => {
  const key = `${'a.'.repeat(126)}a/${'b'.repeat(63)}`;
  expect(parseSelector(`${key}=${'c'.repeat(63)}`)({ [key]: 'c'.repeat(63) })).toBe(true);
});
