/** From the TO arguments to addresses: names are looked up, once, at the start. */
import { lookup } from 'node:dns/promises';
import { formatAddress } from '../../dns/address.ts';
import type { Message } from '../../dns/message.ts';
import { Name } from '../../dns/name.ts';
import { Opcode, RrClass, RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import {
  type UpstreamAddress,
  type UpstreamEndpoint,
  type UpstreamName,
  withoutDuplicates,
} from './addresses.ts';
import type { ForwardOptions } from './options.ts';
import { type Target, upstreamsProblem } from './targets.ts';
import { exchangeOverUdp } from './udp-exchange.ts';

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
export async function resolveTargets({ targets, resolvers }: ForwardOptions): Promise<UpstreamEndpoint[]> {
  const found = await Promise.all(
    targets.map(async ({ token, upstreams }) => {
      if (!('name' in upstreams)) return upstreams;
      try {
        return await addressesOf(upstreams, resolvers);
      } catch (error) {
        throw startError(token, `failed to resolve "${upstreams.name}": ${(error as Error).message}`);
      }
    }),
  );
  const addresses = withoutDuplicates(found.flat());
  const tooMany = upstreamsProblem(addresses);
  const token = targets.find(({ upstreams }) => 'name' in upstreams)?.token;
  if (tooMany !== undefined && token !== undefined) throw startError(token, tooMany);
  return addresses;
}

function startError({ position }: Target['token'], message: string): Error {
  return new Error(`${position.file}:${position.line} - plugin/forward: ${message}`);
}

async function addressesOf(
  target: UpstreamName,
  resolvers: readonly UpstreamAddress[],
): Promise<UpstreamEndpoint[]> {
  const { scheme, name, port, serverName } = target;
  const hosts = resolvers.length === 0 ? await systemLookup(name) : await lookupAt(resolvers, name);
  return hosts.map((host) => ({ scheme, host, port, serverName }));
}

async function systemLookup(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}

/** The addresses that the first server knows that knows any. */
async function lookupAt(resolvers: readonly UpstreamAddress[], name: string): Promise<string[]> {
  let why = '';
  for (const resolver of resolvers) {
    const types = [RrType.A, RrType.AAAA];
    const replies = await Promise.allSettled(types.map((type) => ask(resolver, name, type)));
    const addresses = replies.flatMap((reply) =>
      reply.status === 'fulfilled' ? addressesIn(reply.value) : [],
    );
    if (addresses.length > 0) return addresses;
    const failed = replies.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') why = `: ${(failed.reason as Error).message}`;
  }
  throw new Error(`no addresses found for "${name}"${why}`);
}

function ask(server: UpstreamAddress, name: string, type: number): Promise<Message> {
  const request: Message = {
    ...{ id: 0, qr: false, opcode: Opcode.QUERY, aa: false, tc: false, rd: true, ra: false, z: false },
    ...{ ad: false, cd: false, rcode: 0, answer: [], authority: [], additional: [] },
    questions: [{ name: Name.fromText(name), type, class: RrClass.IN }],
  };
  return exchangeOverUdp({ upstream: server, request, timeoutMs: limits.forwardLookupMs });
}

/** Of the CNAMEs before them nothing need be known. */
function addressesIn({ answer }: Message): string[] {
  return answer.flatMap(({ data }) =>
    data.kind === 'A' || data.kind === 'AAAA' ? [formatAddress(data.address)] : [],
  );
}
