/** `basic_auth_users` of a web configuration file: users, and the bcrypt hashes of their passwords. */
import { limits } from '../../limits.ts';

/** Hashes by user. */
export type Users = ReadonlyMap<string, string>;

/** The salt's last character carries four bits that must be 0: bcryptjs writes them so, and compares what it writes. */
const HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}$/;

/** @throws {Error} one line: whose hash is wrong in which file, never the hash */
export function readUsers(given: Readonly<Record<string, unknown>>, path: string): Users {
  const users = new Map<string, string>();
  for (const [user, hash] of Object.entries(given)) {
    const whose = `${path}: basic_auth_users: the password of ${JSON.stringify(user)}`;
    const [, cost] = (typeof hash === 'string' && HASH.exec(hash)) || [];
    if (cost === undefined) {
      throw new Error(`${whose} is not a bcrypt hash: make one with htpasswd -nBC 10 ""`);
    }
    if (Number(cost) > limits.bcryptCost) {
      throw new Error(`${whose} is hashed at cost ${cost}: at most ${limits.bcryptCost} is checked in time`);
    }
    users.set(user, hash as string);
  }
  return users;
}
