/** The parameters at the end of SVCB and HTTPS (RFC 9460 §2.2), each a key and the octets of its value. */
import { PresentationError } from '../errors.ts';
import type { SvcParam } from '../record.ts';
import { quoted } from '../text/escape.ts';
import type { Tokens } from '../text/lexer.ts';
import type { Field } from './field.ts';
import { keyName, keyNumber, SvcKey } from './svckeys.ts';
import { mandatoryKeys, parseSvcValue, printSvcValue } from './svcvalues.ts';

export const svcParams: Field<readonly SvcParam[]> = {
  read: (reader) => {
    const params: SvcParam[] = [];
    while (reader.left > 0) {
      const key = reader.u16();
      params.push({ key, value: reader.octets(reader.u16()) });
    }
    return params;
  },
  write: (writer, value) => {
    for (const param of value) {
      writer.u16(param.key);
      writer.u16(param.value.length);
      writer.octets(param.value);
    }
  },
  print: (value) => (defect(value) === undefined ? value.map(printParam).join(' ') : undefined),
  parse: parseParams,
};

function printParam({ key, value }: SvcParam): string {
  const text = printSvcValue(key, value);
  if (text === '') return keyName(key);
  if (text !== undefined) return `${keyName(key)}=${text}`;
  // RFC 9460 §2.1: every key may be written in the generic form; so a value that breaks its own form still prints.
  return value.length === 0 ? `key${key}` : `key${key}=${quoted(value)}`;
}

function parseParams(tokens: Tokens): SvcParam[] {
  const params = tokens.rest().map((token) => parseParam(token.text));
  // RFC 9460 §2.2: ascending on the wire, whatever the order in text.
  params.sort((a, b) => a.key - b.key);
  const problem = defect(params);
  if (problem !== undefined) throw new PresentationError(problem);
  return params;
}

/** What is wrong with the parameters as a whole. On the wire such records pass as they are, as with CoreDNS. */
function defect(params: readonly SvcParam[]): string | undefined {
  const keys = params.map((param) => param.key);
  // RFC 9460 §2.2
  const repeated = keys.find((key, i) => key <= (keys[i - 1] ?? -1));
  if (repeated !== undefined) return `parameter ${keyName(repeated)} stands twice, or too late`;
  // RFC 9460 §8: what is mandatory has to be there.
  const mandatory = params.find((param) => param.key === SvcKey.mandatory);
  const missing = mandatoryKeys(mandatory?.value).find((key) => !keys.includes(key));
  if (missing !== undefined) return `mandatory parameter ${keyName(missing)} is missing`;
  // RFC 9460 §7.1.1
  const orphan = keys.includes(SvcKey.noDefaultAlpn) && !keys.includes(SvcKey.alpn);
  return orphan ? 'no-default-alpn without alpn' : undefined;
}

function parseParam(text: string): SvcParam {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const key = keyNumber(name);
  if (key === undefined) throw new PresentationError(`unknown parameter "${name}"`);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  return { key, value: parseSvcValue(key, name, value) };
}
