/** A process that asks once, says how it ended, and has nothing else to do. Arguments: port, way, milliseconds of time-out and of idleness. */
import { makeQuery } from '../../../support/query.ts';
import { transportTo } from './transport-to.ts';
import { udpWays } from './udp-ways.ts';

const [port, way, timeoutMs, expireMs] = process.argv.slice(2);
const sockets = udpWays.find((each) => each.way === way)?.sockets;
const asker = transportTo({ protocol: 'udp', sockets, port: Number(port), expireMs: Number(expireMs) });
const { message } = makeQuery({ name: 'example.org' });
asker.exchange(message, Number(timeoutMs)).then(
  () => console.log('answered'),
  (error) => console.log(error.message),
);
