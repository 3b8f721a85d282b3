/** A process that answers every DNS query over UDP with one A record, at as little cost as JavaScript can. Prints its port. */
import { createSocket } from 'node:dgram';

const HEADER_BYTES = 12;
const TYPE_AND_CLASS_BYTES = 4;
const QR_RD = 0x81;
const RA = 0x80;
/** A pointer to the question's name; A, IN, TTL 300, 192.0.2.1. */
const ANSWER = Buffer.from('c00c00010001' + '0000012c' + '0004' + 'c0000201', 'hex');

// Without a lookup, which takes a turn though whom it sends to is an address already.
const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, 4) });
socket.on('message', (query, from) => {
  let end = HEADER_BYTES;
  for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) end += length + 1;
  const reply = Buffer.concat([query.subarray(0, end + 1 + TYPE_AND_CLASS_BYTES), ANSWER]);
  reply[2] = QR_RD;
  reply[3] = RA;
  // One answer; of an OPT record nothing is said.
  reply.writeUInt32BE(0x0001_0000, 6);
  reply.writeUInt16BE(0, 10);
  socket.send(reply, from.port, from.address);
});
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
