/**
 * What belongs to a datagram beside its octets, as the kernel writes and reads it: the peer's socket address, and by which
 * address of ours it came (a control message). Blocks of one size, that threads hand to each other as they are.
 */
import { AF_INET } from '../../net/socket-name.ts';
import { copyWords, type Memory, wordsFor } from '../memory.ts';

/** `struct sockaddr_in6`, the larger one, and the length that is used. */
const NAME_AT = 0;
const NAME_LENGTH_AT = 28;
/** `struct cmsghdr` with `struct in6_pktinfo`, the larger one, and the length that is used. */
const CONTROL_AT = 32;
const CONTROL_LENGTH_AT = 72;
const PAYLOAD_LENGTH_AT = 76;
const BYTES = 80;

export const ENVELOPE = {
  bytes: BYTES,
  words: BYTES / 4,
  nameAt: NAME_AT,
  nameBytes: NAME_LENGTH_AT - NAME_AT,
  nameLengthAt: NAME_LENGTH_AT,
  controlAt: CONTROL_AT,
  controlBytes: CONTROL_LENGTH_AT - CONTROL_AT,
  controlLengthAt: CONTROL_LENGTH_AT,
  payloadLengthAt: PAYLOAD_LENGTH_AT,
} as const;

/** Levels and types of control messages, and where their data begin. */
export const IPPROTO_IP = 0;
export const IP_PKTINFO = 8;
export const IPPROTO_IPV6 = 41;
export const IPV6_PKTINFO = 50;
const LEVEL_AT = CONTROL_AT + 8;
const TYPE_AT = CONTROL_AT + 12;
const DATA_AT = CONTROL_AT + 16;
/** `ipi_spec_dst` of `struct in_pktinfo`; `in6_pktinfo` begins with the address. */
const LOCAL_IPV4_AT = DATA_AT + 4;
const LOCAL_IPV6_AT = DATA_AT;
const INTERFACE_IPV4_AT = DATA_AT;
const INTERFACE_IPV6_AT = DATA_AT + 16;

/** @param at octets, a multiple of four, as the others here */
export function copyEnvelope(from: Memory, fromAt: number, to: Memory, toAt: number): void {
  copyWords(from.words, fromAt >> 2, to.words, toAt >> 2, ENVELOPE.words);
}

/** Datagrams are mostly so short that a loop over words is faster than two views. */
const SHORT_BYTES = 256;

/** May write up to three octets behind the end. */
export function copyPayload(from: Memory, fromAt: number, to: Memory, toAt: number, bytes: number): void {
  if (bytes <= SHORT_BYTES) copyWords(from.words, fromAt >> 2, to.words, toAt >> 2, wordsFor(bytes));
  else to.octets.set(from.octets.subarray(fromAt, fromAt + bytes), toAt);
}

export function familyOf({ words }: Memory, at: number): number {
  return (words[(at + NAME_AT) >> 2] ?? 0) & 0xffff;
}

export function portOf({ octets }: Memory, at: number): number {
  return ((octets[at + NAME_AT + 2] ?? 0) << 8) | (octets[at + NAME_AT + 3] ?? 0);
}

const MAPPED_WORD = 0xffff0000 | 0;

/** Whether the client speaks IPv4: also on a socket of both families. */
export function isIpv4({ words }: Memory, at: number): boolean {
  const name = (at + NAME_AT) >> 2;
  if (((words[name] ?? 0) & 0xffff) === AF_INET) return true;
  return words[name + 2] === 0 && words[name + 3] === 0 && words[name + 4] === MAPPED_WORD;
}

/** Where the address of ours stands that the datagram was sent to: 4 or 16 octets. */
export type LocalAddress = { readonly at: number; readonly bytes: 4 | 16 };

export function localAddressOf(memory: Memory, at: number): LocalAddress | undefined {
  switch (controlKind(memory, at)) {
    case IP_PKTINFO:
      return { at: at + LOCAL_IPV4_AT, bytes: 4 };
    case IPV6_PKTINFO:
      return { at: at + LOCAL_IPV6_AT, bytes: 16 };
    default:
      return undefined;
  }
}

/**
 * Makes what was received the source address to send from. The way back is for the routing table to find, but a link-local
 * address means nothing without its interface (RFC 4007 §11).
 */
export function leaveInterfaceOpen(memory: Memory, at: number): void {
  const kind = controlKind(memory, at);
  if (kind === IP_PKTINFO) memory.words[(at + INTERFACE_IPV4_AT) >> 2] = 0;
  if (kind !== IPV6_PKTINFO) return;
  const [first = 0, second = 0] = [memory.octets[at + LOCAL_IPV6_AT], memory.octets[at + LOCAL_IPV6_AT + 1]];
  const isLinkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  if (!isLinkLocal) memory.words[(at + INTERFACE_IPV6_AT) >> 2] = 0;
}

function controlKind({ words }: Memory, at: number): number | undefined {
  if (words[(at + CONTROL_LENGTH_AT) >> 2] === 0) return undefined;
  const level = words[(at + LEVEL_AT) >> 2];
  const type = words[(at + TYPE_AT) >> 2];
  if (level === IPPROTO_IP && type === IP_PKTINFO) return IP_PKTINFO;
  return level === IPPROTO_IPV6 && type === IPV6_PKTINFO ? IPV6_PKTINFO : undefined;
}
