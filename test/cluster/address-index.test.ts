import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressIndex } from '../../src/cluster/address-index.ts';
import { address, pod } from '../support/cluster.ts';

const one = address('10.0.0.1');
const other = address('10.0.0.2');

test('finds objects by the octets of an address', () => {
  const index = new AddressIndex();
  const web = pod('shop/web');
  index.add(one.key, web);
  expect(index.get(one.bytes)).toEqual([web]);
  expect(index.get(other.bytes)).toEqual([]);
  // 10.0.0.1 and its IPv4-mapped form are two addresses.
  expect(index.get(address('::ffff:10.0.0.1').bytes)).toEqual([]);
});

test('gives objects of one address in the order of namespace and name', () => {
  const names = ['a/x', 'a/y', 'a-/x', 'b/a'];
  const objects = names.map((name) => pod(name));
  fc.assert(
    fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (order) => {
      const index = new AddressIndex();
      for (const object of order) index.add(one.key, object);
      expect(index.get(one.bytes)).toEqual(objects);
    }),
  );
});

test('forgets an object where it was, and only that one', () => {
  const index = new AddressIndex();
  const [web, db, twin] = [pod('shop/web'), pod('shop/db'), pod('shop/web')];
  index.add(one.key, web);
  index.add(one.key, db);
  index.add(other.key, web);
  index.remove(one.key, twin);
  expect(index.get(one.bytes)).toEqual([db, web]);
  index.remove(one.key, web);
  expect(index.get(one.bytes)).toEqual([db]);
  expect(index.get(other.bytes)).toEqual([web]);
  index.remove(one.key, web);
  index.remove(one.key, db);
  index.remove(other.key, web);
  expect(index.get(one.bytes)).toEqual([]);
  expect(index.get(other.bytes)).toEqual([]);
});

test('an object that has an address twice is there once', () => {
  const index = new AddressIndex();
  const [web, db] = [pod('shop/web'), pod('shop/db')];
  for (const object of [web, web, db, db, web]) index.add(one.key, object);
  expect(index.get(one.bytes)).toEqual([db, web]);
  index.remove(one.key, db);
  expect(index.get(one.bytes)).toEqual([web]);
});
