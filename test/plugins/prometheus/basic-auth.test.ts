import { hash } from 'bcryptjs';
import { expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { BasicAuth } from '../../../src/plugins/prometheus/basic-auth.ts';
import { TokenBucket } from '../../../src/plugins/prometheus/rate-limit.ts';

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Users whose "hashes" are their passwords, and every comparison made. */
function makeAuth(users: Record<string, string>, burst = 10_000) {
  const compared: { password: string; hash: string }[] = [];
  const compare = async (password: string, hash: string) => {
    compared.push({ password, hash });
    return password === hash;
  };
  const budget = new TokenBucket({ intervalMs: 3_600_000, burst });
  const auth = new BasicAuth(new Map(Object.entries(users)), compare, budget);
  const check = (user: string, password: string) => auth.check(basic(user, password));
  return { auth, check, compared };
}

const USERS = { alice: 'a', bob: 'b', carol: 'c' };

test('right credentials are compared once, wrong ones each time', async () => {
  const { check, compared } = makeAuth(USERS);
  for (let i = 0; i < 2; i++) expect(await check('alice', 'a')).toBe('admitted');
  expect(compared).toHaveLength(1);
  for (let i = 0; i < 2; i++) expect(await check('alice', 'b')).toBe('refused');
  expect(compared).toHaveLength(3);
});

test('guessing ends when the comparisons are used up; who was admitted before still is', async () => {
  const { check, compared } = makeAuth(USERS, 3);
  expect(await check('alice', 'a')).toBe('admitted');
  for (let i = 0; i < 2; i++) expect(await check('bob', `guess ${i}`)).toBe('refused');
  expect(await check('bob', 'b')).toBe('busy');
  expect(await check('alice', 'a')).toBe('admitted');
  expect(compared).toHaveLength(3);
});

test('an unknown user costs the comparison with a hash, for one name always the same', async () => {
  const { check, compared } = makeAuth(USERS);
  for (let i = 0; i < 3; i++) expect(await check('mallory', `x${i}`)).toBe('refused');
  expect(compared).toHaveLength(3);
  expect(new Set(compared.map(({ hash }) => hash)).size).toBe(1);
  for (let i = 0; i < 100; i++) await check(`mallory${i}`, 'x');
  expect(new Set(compared.map(({ hash }) => hash))).toEqual(new Set(['a', 'b', 'c']));
});

test('an unknown user with the password of a known one is refused, however often', async () => {
  const { check, compared } = makeAuth({ alice: 'a' });
  for (let i = 0; i < 2; i++) expect(await check('mallory', 'a')).toBe('refused');
  expect(compared).toEqual(Array(2).fill({ password: 'a', hash: 'a' }));
});

test('the parts of credentials do not run into one another', async () => {
  const { check } = makeAuth({ ab: 'c', a: 'bc' });
  expect(await check('ab', 'c')).toBe('admitted');
  expect(await check('a', 'c')).toBe('refused');
});

test('the credentials unused for longest are forgotten first', async () => {
  const names = Array.from({ length: limits.basicAuthVerified + 1 }, (_, i) => `user${i}`);
  const { check, compared } = makeAuth(Object.fromEntries(names.map((name) => [name, name])));
  const comparisonsOf = async (name: string) => {
    const before = compared.length;
    expect(await check(name, name)).toBe('admitted');
    return compared.length - before;
  };
  for (const name of names.slice(0, -1)) expect(await comparisonsOf(name)).toBe(1);
  expect(await comparisonsOf('user0')).toBe(0);
  expect(await comparisonsOf(names.at(-1) ?? '')).toBe(1);
  expect(await comparisonsOf('user0')).toBe(0);
  expect(await comparisonsOf('user1')).toBe(1);
});

test('beyond the bound nobody is compared; the same credentials share one comparison', async () => {
  const waiting: ((matches: boolean) => void)[] = [];
  const auth = new BasicAuth(
    new Map([['alice', 'a']]),
    () => new Promise((resolve) => void waiting.push(resolve)),
  );
  const first = Array.from({ length: limits.basicAuthComparisons }, (_, i) =>
    auth.check(basic('alice', `${i}`)),
  );
  const twin = auth.check(basic('alice', '0'));
  for (const user of ['alice', 'mallory']) expect(await auth.check(basic(user, 'other'))).toBe('busy');
  expect(waiting).toHaveLength(limits.basicAuthComparisons);
  for (const finish of waiting) finish(true);
  expect(await Promise.all([...first, twin])).toEqual([...first, twin].map(() => 'admitted'));
  const next = auth.check(basic('alice', 'other'));
  waiting.at(-1)?.(false);
  expect(await next).toBe('refused');
});

test('a comparison that fails leaves its place to the next', async () => {
  const auth = new BasicAuth(new Map([['alice', 'a']]), () => Promise.reject(new Error('out of memory')));
  for (let i = 0; i <= limits.basicAuthComparisons; i++) {
    await expect(auth.check(basic('alice', `${i}`))).rejects.toThrow('out of memory');
  }
});

test.each(['2a', '2b', '2y'])('hashes of the kind %s are checked', async (kind) => {
  const made = (await hash('secret', 4)).replace('$2b', `$${kind}`);
  const auth = await BasicAuth.load(new Map([['alice', made]]));
  expect(await auth.check(basic('alice', 'secret'))).toBe('admitted');
  expect(await auth.check(basic('alice', 'Secret'))).toBe('refused');
});
