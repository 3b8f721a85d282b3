/** From a plugin's reply to a message: ID, flags, question, OPT - and from there to octets of a legal size. */
import type { Edns, EdnsOption, Message } from '../dns/message.ts';
import { Opcode, Rcode } from '../dns/types.ts';
import { encodeMessage } from '../dns/wire/encode.ts';
import { HEADER_BYTES } from '../dns/wire/header.ts';
import { limits } from '../limits.ts';
import type { Query } from '../plugins/plugin.ts';
import { echoedOptions, makeReply, type Reply } from '../plugins/reply.ts';

/** RFC 6891 §6.1.2: code and length. */
const OPTION_HEADER_BYTES = 4;
/** Header, the longest question, and an OPT without options. */
const FRAME_BYTES = HEADER_BYTES + limits.nameBytes + 4 + 11;
const NO_OPTIONS: readonly EdnsOption[] = [];

/** @param limitBytes octets that the message may have */
export function replyMessage(query: Message, reply: Reply, limitBytes: number): Message {
  // RFC 1035 §4.1.1: RD is copied; CD too (RFC 4035 §3.2.2). A NOTIFY has neither.
  const isQuery = query.opcode === Opcode.QUERY;
  return {
    id: query.id,
    qr: true,
    opcode: query.opcode,
    aa: reply.aa,
    tc: reply.tc,
    rd: isQuery && (reply.rd ?? query.rd),
    ra: reply.ra,
    z: false,
    ad: reply.ad,
    cd: isQuery && query.cd,
    rcode: reply.rcode,
    questions: query.questions,
    answer: reply.answer,
    authority: reply.authority,
    additional: reply.additional,
    edns: query.edns === undefined ? undefined : replyEdns(query.edns, reply, limitBytes),
  };
}

/** BADVERS with a bare OPT, as CoreDNS answers it. */
export function badVersion(query: Message): Message {
  const message = replyMessage(query, makeReply({ rcode: Rcode.BADVERS }), limits.udpPayloadMinBytes);
  return { ...message, edns: { udpSize: 0, version: 0, do: false, z: 0, options: NO_OPTIONS } };
}

/** OPT answers OPT (RFC 6891 §6.1.1), with the client's own size; unknown flags are not echoed (§6.1.4). */
function replyEdns(asked: Edns, { ednsOptions, udpSize = asked.udpSize }: Reply, limitBytes: number): Edns {
  // An upstream may send as many as it likes: there must be room for the question.
  const hasRoom = octetsOf(ednsOptions) <= limitBytes - FRAME_BYTES;
  const own = hasRoom ? ednsOptions : NO_OPTIONS;
  const options = own.length > 0 ? own : echoed(asked.options);
  return { udpSize: Math.min(asked.udpSize, udpSize), version: 0, do: asked.do, z: 0, options };
}

/** Too many octets of them are not echoed: header, question and OPT must fit into the smallest reply. */
function echoed(options: readonly EdnsOption[]): readonly EdnsOption[] {
  if (options.length === 0) return NO_OPTIONS;
  const known = options.filter((option) => echoedOptions.has(option.code));
  return octetsOf(known) > limits.echoedOptionsBytes ? NO_OPTIONS : known;
}

function octetsOf(options: readonly EdnsOption[]): number {
  return options.reduce((sum, { data }) => sum + OPTION_HEADER_BYTES + data.length, 0);
}

/** Octets that a reply may have: what the client says it takes over UDP, at least 512 (RFC 6891 §6.2.3). */
export function replyLimit(query: Message, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return limits.messageBytes;
  return Math.max(limits.udpPayloadMinBytes, query.edns?.udpSize ?? 0);
}

/**
 * The octets to send: whole records only, TC where some are left out.
 * @throws {WireError} the reply holds what no message can
 */
export function encodeReply(query: Query, reply: Reply): Uint8Array {
  const isUdp = query.transport === 'udp';
  const limitBytes = isUdp ? udpLimit(query, reply) : query.replyLimit;
  const message = replyMessage(query.message, reply, limitBytes);
  if (!isUdp) return encodeMessage(message, { limitBytes });
  const compressAboveBytes =
    query.client.family === 4 ? limits.udpCompressAboveIpv4Bytes : limits.udpCompressAboveIpv6Bytes;
  return encodeMessage(message, { limitBytes, compressAboveBytes });
}

function udpLimit(query: Query, { udpSize = query.replyLimit }: Reply): number {
  return Math.max(limits.udpPayloadMinBytes, Math.min(query.replyLimit, udpSize));
}
