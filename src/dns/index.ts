/** The protocol, pure: names, records, messages, and their octets and text. Knows no socket and no cluster. */
export * from './address.ts';
export * from './errors.ts';
export * from './message.ts';
export * from './name.ts';
export * from './record.ts';
export * from './reverse.ts';
export { formatRdata, formatRecord, type ParseOptions, parseRecord } from './text/record.ts';
export * from './types.ts';
export { decodeMessage, decodeQuestion } from './wire/decode.ts';
export { type EncodeOptions, encodeMessage } from './wire/encode.ts';
export { HEADER_BYTES, readHeader, type WireHeader } from './wire/header.ts';
