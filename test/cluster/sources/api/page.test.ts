import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiFailure } from '../../../../src/cluster/sources/api/failure.ts';
import { type Page, readPage } from '../../../../src/cluster/sources/api/page.ts';

function read(text: string): Page & { readonly objects: readonly unknown[] } {
  const page = readPage(Buffer.from(text));
  return { ...page, objects: [...page.items].map((item) => item.json()) };
}

const metadata = { resourceVersion: '7', continue: 'next' };
/** Text with all that could lead astray who counts brackets. */
const tricky = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'{}[]",:\\ n\u00e4') }),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    ...[tricky, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)],
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(tricky, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const part = fc.option(tricky, { nil: undefined });
const identity = fc.record({ namespace: part, name: part, resourceVersion: part, labels: json });
const item = fc.record({ kind: json, metadata: identity, spec: json, status: json });

/** The members in any order, with any white space. */
const listText = fc
  .record({
    items: fc.array(item, { maxLength: 4 }),
    rest: json,
    order: fc.shuffledSubarray(['kind', 'metadata', 'items', 'rest'], { minLength: 4 }),
    space: fc.constantFrom('', ' ', '\t', '\n  '),
  })
  .map(({ items, rest, order, space }) => {
    const list: Record<string, unknown> = { kind: 'List', metadata, items, rest };
    const text = JSON.stringify(Object.fromEntries(order.map((key) => [key, list[key]])), undefined, space);
    return { items, text: `${space}${text}\n` };
  });

test('a page gives its objects, whatever they hold and wherever they stand', () => {
  fc.assert(
    fc.property(listText, ({ text }) => {
      const { version, continue: next, objects } = read(text);
      expect({ version, next }).toEqual({ version: '7', next: 'next' });
      expect(objects).toEqual(JSON.parse(text).items);
    }),
  );
});

test('an object is told apart without being parsed', () => {
  fc.assert(
    fc.property(listText, ({ items, text }) => {
      const identities = [...readPage(Buffer.from(text)).items].map((each) => each.identity);
      expect(identities).toEqual(
        items.map(({ metadata: { namespace = '', name = '', resourceVersion = '' } }) => ({
          ...{ namespace: sent(namespace), name: sent(name), version: sent(resourceVersion) },
        })),
      );
    }),
  );
});

/** A lone surrogate does not survive UTF-8. */
function sent(text: string): string {
  return Buffer.from(text).toString();
}

test('an object without metadata, or with odd ones, has no name', () => {
  const items = '[null,7,"x",[],{},{"metadata":null},{"metadata":{"name":7,"namespace":null}}]';
  const page = readPage(Buffer.from(`{"metadata":{"resourceVersion":"7"},"items":${items}}`));
  const none = { namespace: '', name: '', version: '' };
  expect([...page.items].map((each) => each.identity)).toEqual(Array.from({ length: 7 }, () => none));
});

test('a key may be written with escapes', () => {
  expect(read('{"met\\u0061data":{"resourceVersi\\u006fn":"7"},"items":[1]}')).toMatchObject({
    version: '7',
    objects: [1],
  });
});

describe('what is no list', () => {
  const NO_LIST = 'the answer is not a list of Kubernetes objects';

  test.each([
    'null',
    '7',
    '[]',
    '"list"',
    '{}',
    '{"items":[]}',
    '{"metadata":{},"items":[]}',
    '{"metadata":{"resourceVersion":7},"items":[]}',
    '{"metadata":{"resourceVersion":"7"},"items":{}}',
    '{"items":"none","metadata":{"resourceVersion":"7"}}',
  ])('%s', (text) => {
    expect(() => read(text)).toThrow(new ApiFailure('bad-answer', NO_LIST));
  });

  test.each(['', '<html>', '{', '{"metadata":{"resourceVersion":"7"},"items":[]} x', '{"metadata"', '{7:1}'])(
    '"%s", which is no JSON either',
    (text) => {
      expect(() => read(text)).toThrow(/^not JSON: /);
    },
  );

  test('no items at all is an empty list', () => {
    expect(read('{"metadata":{"resourceVersion":"7"}}').objects).toEqual([]);
    expect(read('{"metadata":{"resourceVersion":"7"},"items":null}').objects).toEqual([]);
  });
});

test('a page that breaks off says so, wherever that is', () => {
  const text = JSON.stringify({ metadata, items: [{ metadata: { name: 'a"b' } }, { spec: ['\\', {}] }] });
  for (let end = 0; end < text.length; end++) expect(() => read(text.slice(0, end))).toThrow(/^not JSON: /);
});
