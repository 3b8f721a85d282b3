/** From the TO arguments to addresses: names are looked up, once, at the start. */
import { lookup } from 'node:dns/promises';
import { formatAddress } from '../../dns/address.ts';
import type { Message } from '../../dns/message.ts';
import { Name } from '../../dns/name.ts';
import { RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { type UpstreamEndpoint, type UpstreamName, withoutDuplicates } from './addresses.ts';
import { systemText } from './exchange.ts';
import { questionMessage } from './messages.ts';
import type { ForwardOptions } from './options.ts';
import { countProblem, type Target } from './targets.ts';
import { makeTransport } from './transport/make-transport.ts';
import type { Transports } from './transports.ts';

/** All addresses, each once; undefined where there are names among the targets. */
export function fixedAddresses(targets: readonly Target[]): UpstreamEndpoint[] | undefined {
  const addresses: UpstreamEndpoint[] = [];
  for (const { upstreams } of targets) {
    if ('name' in upstreams) return undefined;
    addresses.push(...upstreams);
  }
  return withoutDuplicates(addresses);
}

/** All addresses, each once. @throws {Error} one line: place in the Corefile, the name, and why it has no address */
export async function resolveTargets(options: ForwardOptions): Promise<UpstreamEndpoint[]> {
  const { targets } = options;
  const found = await Promise.all(
    targets.map(async ({ token, upstreams }) => {
      if (!('name' in upstreams)) return upstreams;
      try {
        return await addressesOf(upstreams, options);
      } catch (error) {
        throw startError(token, `failed to resolve "${upstreams.name}": ${(error as Error).message}`);
      }
    }),
  );
  const addresses = withoutDuplicates(found.flat());
  const tooMany = countProblem(addresses.length);
  const token = targets.find(({ upstreams }) => 'name' in upstreams)?.token;
  if (tooMany !== undefined && token !== undefined) throw startError(token, tooMany);
  return addresses;
}

function startError({ position }: Target['token'], message: string): Error {
  return new Error(`${position.file}:${position.line} - plugin/forward: ${message}`);
}

async function addressesOf(target: UpstreamName, options: ForwardOptions): Promise<UpstreamEndpoint[]> {
  const { scheme, name, port, serverName } = target;
  const hosts = options.resolvers.length === 0 ? await systemLookup(name) : await lookupAt(name, options);
  return hosts.map((host) => ({ scheme, host, port, serverName }));
}

async function systemLookup(name: string): Promise<string[]> {
  try {
    const found = await lookup(name, { all: true, order: 'verbatim' });
    return found.map(({ address }) => address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`lookup ${name}: ${code === 'ENOTFOUND' ? 'no such host' : systemText(error as Error)}`);
  }
}

/** The addresses that the first server knows that knows any. */
async function lookupAt(name: string, { resolvers, sourceAddress }: ForwardOptions): Promise<string[]> {
  let why = '';
  for (const upstream of resolvers) {
    const over = (protocol: 'udp' | 'tcp') =>
      makeTransport({ ...SINGLE_USE, upstream, sourceAddress, protocol });
    const transports = { udp: over('udp'), tcp: over('tcp') };
    const types = [RrType.A, RrType.AAAA];
    const replies = await Promise.allSettled(types.map((type) => ask(transports, name, type)));
    transports.udp.close();
    transports.tcp.close();
    const found = replies.flatMap((reply) => (reply.status === 'fulfilled' ? addressesIn(reply.value) : []));
    if (found.length > 0) return found;
    const failed = replies.find((reply) => reply.status === 'rejected');
    if (failed !== undefined) why = `: ${(failed.reason as Error).message}`;
  }
  throw new Error(`no addresses found for "${name}"${why}`);
}

const SINGLE_USE = { expireMs: 0, maxAgeMs: 0, maxIdleConnections: 1, pooled: () => {} };

async function ask({ udp, tcp }: Transports, name: string, type: number): Promise<Message> {
  const request = questionMessage(Name.fromText(name), type, true);
  const reply = await udp.exchange(request, limits.forwardLookupMs);
  return reply.tc ? tcp.exchange(request, limits.forwardLookupMs) : reply;
}

/** Of the CNAMEs before them nothing need be known. */
function addressesIn({ answer }: Message): string[] {
  return answer.flatMap(({ data }) =>
    data.kind === 'A' || data.kind === 'AAAA' ? [formatAddress(data.address)] : [],
  );
}
