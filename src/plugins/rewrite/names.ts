/** Names as text: what the matching of `rewrite` works on. */
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import { reasons } from '../../reasons.ts';
import { failure, type Reply } from '../reply.ts';

/** A rule made a name that is none. */
export class IllegalName extends Error {
  constructor(text: string) {
    super(`invalid name after rewrite: ${text}`);
    this.name = 'IllegalName';
  }

  get reply(): Reply {
    return failure(Rcode.SERVFAIL, reasons.invalidRewrittenName, this.message);
  }
}

/** @throws {IllegalName} */
export function toName(text: string): Name {
  try {
    return Name.fromText(text);
  } catch (error) {
    if (error instanceof PresentationError) throw new IllegalName(text);
    throw error;
  }
}

export function lowerText(name: Name): string {
  return name.toString().toLowerCase();
}

/** Lower case and with the final dot, as CoreDNS takes the names of most rules - and their parts too. */
export function qualified(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}
