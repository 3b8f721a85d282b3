/** dns-packet and dns2, which nobody here wrote, read what we write, and we read what they write. */

import dnsPacket, { type Answer } from 'dns-packet';
import dns2 from 'dns2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../../src/dns/index.ts';
import { hostName, u16, u32 } from '../arbitraries.ts';
import { COMPRESSED, hex, question, records, reply, WHOLE } from '../messages.ts';

const OWNER = 'www.example.com';
const DIGEST = '2bb183af5f22588179a53b0a98631fad1a292118';
const KEY = Buffer.from('AQPSKmynfzW4', 'base64');

function buffer(digits: string): Buffer {
  return Buffer.from(hex(digits));
}

/** Rdata in text, and as dns-packet has it. */
const forDnsPacket: [text: string, data: unknown][] = [
  ['A 10.0.0.1', '10.0.0.1'],
  ['AAAA 2001:db8::1', '2001:db8::1'],
  ['NS ns.example.com.', 'ns.example.com'],
  ['CNAME a.example.com.', 'a.example.com'],
  ['PTR host.', 'host'],
  ['DNAME other.example.', 'other.example'],
  [
    'SOA ns.example.com. admin.example.com. 4294967295 7200 1800 86400 5',
    {
      mname: 'ns.example.com',
      rname: 'admin.example.com',
      serial: 4294967295,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimum: 5,
    },
  ],
  ['MX 10 mx.www.example.com.', { preference: 10, exchange: 'mx.www.example.com' }],
  ['TXT "one" "" "t\\000\\255"', [Buffer.from('one'), Buffer.alloc(0), buffer("'t'00ff")]],
  ['HINFO "PC" "Linux"', { cpu: 'PC', os: 'Linux' }],
  ['SRV 1 2 8080 a.example.com.', { priority: 1, weight: 2, port: 8080, target: 'a.example.com' }],
  [
    'NAPTR 100 50 "a" "z3950+N2L" "" cidserver.example.com.',
    {
      order: 100,
      preference: 50,
      flags: 'a',
      services: 'z3950+N2L',
      regexp: '',
      replacement: 'cidserver.example.com',
    },
  ],
  ['CAA 128 issue "ca.example"', { flags: 128, tag: 'issue', value: 'ca.example', issuerCritical: true }],
  [`DS 60485 5 1 ${DIGEST}`, { keyTag: 60485, algorithm: 5, digestType: 1, digest: buffer(DIGEST) }],
  ['DNSKEY 256 3 5 AQPSKmynfzW4', { flags: 256, algorithm: 5, key: KEY }],
  [
    'RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. AQPSKmynfzW4',
    {
      typeCovered: 'A',
      algorithm: 5,
      labels: 3,
      originalTTL: 86400,
      expiration: 1048354263,
      inception: 1045762263,
      keyTag: 2642,
      signersName: 'example.com',
      signature: KEY,
    },
  ],
  [
    'NSEC host.example.com. A MX RRSIG NSEC',
    { nextDomain: 'host.example.com', rrtypes: ['A', 'MX', 'RRSIG', 'NSEC'] },
  ],
  [
    `NSEC3 1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX CAA`,
    {
      algorithm: 1,
      flags: 1,
      iterations: 12,
      salt: buffer('aabbccdd'),
      nextDomain: buffer('174eb2409fe28bcb4887a1836f957f0a8425e27b'),
      rrtypes: ['NS', 'SOA', 'MX', 'CAA'],
    },
  ],
];

/** Rdata in text, and as dns2 has it. */
const forDns2: [text: string, fields: Partial<dns2.Packet.Resource>][] = [
  ['A 10.0.0.1', { address: '10.0.0.1' }],
  ['AAAA 2001:db8::1', { address: '2001:db8::1' }],
  ['NS ns.example.com.', { ns: 'ns.example.com' }],
  ['CNAME a.example.com.', { domain: 'a.example.com' }],
  ['PTR host.', { domain: 'host' }],
  [
    'SOA ns.example.com. admin.example.com. 4294967295 7200 1800 86400 5',
    {
      primary: 'ns.example.com',
      admin: 'admin.example.com',
      serial: 4294967295,
      refresh: 7200,
      retry: 1800,
      expiration: 86400,
      minimum: 5,
    },
  ],
  ['MX 10 mx.www.example.com.', { priority: 10, exchange: 'mx.www.example.com' }],
  ['TXT "one" "two"', { data: ['one', 'two'] }],
  ['SRV 1 2 8080 a.example.com.', { priority: 1, weight: 2, port: 8080, target: 'a.example.com' }],
  ['CAA 0 issue "ca.example"', { flags: 0, tag: 'issue', value: 'ca.example' }],
  ['DNSKEY 256 3 5 AQPSKmynfzW4', { flags: 256, protocol: 3, algorithm: 5, key: 'AQPSKmynfzW4' }],
];

function replyWith(text: string): Message {
  return reply({ questions: [question(OWNER)], answer: records(`${OWNER}. 60 ${text}`) });
}

describe.each([
  ['uncompressed', WHOLE],
  ['compressed', COMPRESSED],
])('what we write %s', (_, options) => {
  it.each(forDnsPacket)('dns-packet reads: %s', (text, data) => {
    const { answers, id, flag_aa } = dnsPacket.decode(Buffer.from(encodeMessage(replyWith(text), options)));
    const type = text.split(' ')[0];
    expect({ id, flag_aa }).toEqual({ id: 0x1234, flag_aa: true });
    expect(answers).toEqual([{ name: OWNER, type, class: 'IN', ttl: 60, flush: false, data }]);
  });

  it.each(forDns2)('dns2 reads: %s', (text, fields) => {
    const packet = dns2.Packet.parse(Buffer.from(encodeMessage(replyWith(text), options)));
    expect(packet.errors).toEqual([]);
    expect(packet.answers).toMatchObject([{ name: OWNER, class: 1, ttl: 60, ...fields }]);
  });
});

describe('what they write', () => {
  it.each(forDnsPacket)('of dns-packet: %s', (text, data) => {
    const answer = { name: OWNER, type: text.split(' ')[0], class: 'IN', ttl: 60, data } as Answer;
    const bytes = dnsPacket.encode({
      type: 'response',
      id: 0x1234,
      flags: dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_DESIRED,
      questions: [{ name: OWNER, type: 'A', class: 'IN' }],
      answers: [answer],
    });
    expect(decodeMessage(bytes)).toEqual(replyWith(text));
  });

  it.each(forDns2)('of dns2: %s', (text, fields) => {
    const [expected] = records(`${OWNER}. 60 ${text}`);
    const packet = new dns2.Packet();
    Object.assign(packet.header, { id: 0x1234, qr: 1, aa: 1, rd: 1 });
    packet.questions.push(new dns2.Packet.Question(OWNER, 1, 1));
    packet.answers.push({
      name: OWNER,
      type: expected?.type ?? 0,
      class: 1,
      ttl: 60,
      ...fields,
    } as dns2.Packet.Resource);
    expect(decodeMessage(packet.toBuffer())).toEqual(replyWith(text));
  });
});

/** Messages over some of the records, with arbitrary host names and numbers. */
function messagesOf(texts: readonly string[], maxTtl: number): fc.Arbitrary<Message> {
  const record = fc
    .tuple(fc.constantFrom(...records(...texts.map((text) => `x. ${text}`))), hostName, u32)
    .map(([sample, owner, ttl]): ResourceRecord => ({ ...sample, owner, ttl: ttl % maxTtl }));
  const section = fc.array(record, { maxLength: 6 });
  const edns = u16.map((size) => ({
    udpSize: 512 + (size >> 1),
    version: 0,
    do: size % 2 === 1,
    z: 0,
    options: [],
  }));
  return fc
    .record({ id: u16, name: hostName, answer: section, authority: section, additional: section, edns })
    .map(({ name, ...parts }) => reply({ ...parts, questions: [{ name, type: 1, class: 1 }] }));
}

describe('a message that went through a peer is the same', () => {
  it('dns-packet', () => {
    const messages = messagesOf(
      forDnsPacket.map(([text]) => text),
      2 ** 32,
    );
    fc.assert(
      fc.property(messages, fc.constantFrom(WHOLE, COMPRESSED), (message, options) => {
        const packet = dnsPacket.decode(Buffer.from(encodeMessage(message, options)));
        expect(decodeMessage(dnsPacket.encode(packet))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  it('dns2', () => {
    // RFC 2181 §8: dns2 takes a TTL above 31 bits for zero.
    const messages = messagesOf(
      forDns2.map(([text]) => text),
      2 ** 31,
    );
    fc.assert(
      fc.property(messages, fc.constantFrom(WHOLE, COMPRESSED), (message, options) => {
        const packet = dns2.Packet.parse(Buffer.from(encodeMessage(message, options)));
        expect(packet.errors).toEqual([]);
        expect(decodeMessage(packet.toBuffer())).toEqual(message);
      }),
      { numRuns: 200 },
    );
  });
});
