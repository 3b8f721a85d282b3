/** Why a request was refused, in the API server's words. */
import { ProtobufCursor } from './cursor.ts';
import { unwrap } from './envelope.ts';
import { STATUS } from './messages.ts';
import { readMessage } from './read.ts';

/** Empty where the octets are no whole `Status`: that of HTTP alone says enough. */
export function readStatusMessage(octets: Buffer): string {
  try {
    const { kind, start, end } = unwrap(octets, 0, octets.length);
    if (kind !== 'Status') return '';
    const { message } = readMessage(new ProtobufCursor(octets, start), end, STATUS);
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
