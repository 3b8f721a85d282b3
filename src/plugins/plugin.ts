/** The contract between the server and its plugins, and between plugins, which never import each other. */
import type { Directive } from '../corefile/ast.ts';
import type { Message } from '../dns/message.ts';
import type { Name } from '../dns/name.ts';
import type { ResourceRecord } from '../dns/record.ts';
import type { Native } from '../net/native.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Reply } from './reply.ts';

export interface Peer {
  /** Text form; an IPv4-mapped IPv6 address is given as IPv4. */
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
}

/** Who got a reply: who asked first, or who asked the same later and was given the same octets. */
export interface Recipient {
  readonly client: Peer;
  readonly local: Peer;
  /** ID of the message. */
  readonly id: number;
  /** As `Query.receivedAt`. */
  readonly receivedAt: number;
}

/** A reply that was handed to the socket. */
export interface Sent {
  readonly bytes: number;
  readonly rcode: number;
  readonly to: Recipient;
}

/** Replies that were handed to the socket, all with the same octets but for ID and order. */
export interface Counted {
  readonly bytes: number;
  readonly rcode: number;
  readonly times: number;
  /** Whether the chain was not asked for them: its reply to an earlier query was still right. */
  readonly isRepeat: boolean;
  /** From arrival to the socket, of each; 0 for a repeat, which takes some microseconds. */
  readonly milliseconds: number;
}

/** One question on its way through a chain. */
export interface Query {
  /** The message as it came, or as plugins before this one have changed it. */
  readonly message: Message;
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly client: Peer;
  readonly local: Peer;
  readonly transport: 'udp' | 'tcp';
  /** Octets of the request. */
  readonly size: number;
  /** Octets that the reply may have: 512 or the EDNS size over UDP, 65535 over TCP. */
  readonly replyLimit: number;
  /** Moment of arrival: milliseconds of `performance.now()`. */
  readonly receivedAt: number;
  /** Label of the listener for metrics and logs: `dns://:53`. */
  readonly server: string;
  /** This query with another question: what a plugin that rewrites passes on. Default: the same class. */
  withQuestion(name: Name, type: number, rrClass?: number): Query;
  /** The same with another message: its question, flags and EDNS are what plugins see and upstreams are asked. */
  withMessage(message: Message): Query;
  /** Asks the whole server that received this query again, as for an ExternalName: same client, other question. */
  resolve(name: Name, type: number): Reply | Promise<Reply>;
  /**
   * Called after the encoded reply was handed to the socket - and, while its `validity` lets the server repeat it,
   * again for each client that it is repeated to. What `serve` does beside answering is done here or in `onCounted`, or
   * the reply's validity is `never`. A reply of which each client must be told is repeated at a higher price.
   */
  onSent(listener: (sent: Sent) => void): void;
  /**
   * The same for who need not know which client it was: repeats may be told of later and many at a time, at the latest
   * before metrics are read.
   */
  onCounted(listener: (counted: Counted) => void): void;
}

export type Handler = (query: Query) => Reply | Promise<Reply>;

export interface Plugin {
  /** The directive's name. */
  readonly name: string;
  serve(query: Query, next: Handler): Reply | Promise<Reply>;
  /** All that `serve` does, where that is to ask on and then this: see `finishing`. */
  readonly finish?: (query: Query, reply: Reply) => Reply;
}

/** Who must be ready before the server is: `kubernetes` registers, `ready` asks. */
export interface Readiness {
  register(plugin: string, isReady: () => boolean): void;
  /** Names of registered plugins with their test, in the order of registration. */
  entries(): readonly { readonly plugin: string; readonly isReady: () => boolean }[];
  /** What an operator should know though the server is ready: `note` gives a sentence while there is something to say. */
  registerNote(plugin: string, note: () => string | undefined): void;
  notes(): readonly { readonly plugin: string; readonly note: () => string | undefined }[];
}

/** Search paths of clients, as the plugin knows them that knows the clients: `autopath @kubernetes` asks it. */
export interface SearchPaths {
  /** Whether the name is below a domain that some client's path may begin with: its answer then depends on who asks. */
  concerns(name: Name): boolean;
  /**
   * Domains that the client appends to a short name, first to last, the root (the name alone) included; undefined where
   * the client, or its path, is not known for certain.
   */
  searchPathOf(query: Query): readonly Name[] | undefined;
}

/** A way out to other servers, one for each directive that has upstreams: `loop` closes the one that leads back. */
export interface UpstreamGate {
  /** As the Corefile has it: `forward . 8.8.8.8:53`. */
  readonly description: string;
  covers(name: Name): boolean;
  /** From now on its queries are SERVFAIL with this error, but for names that `except` says yes to. */
  close(error: string, except: (name: Name) => boolean): void;
  open(): void;
}

/** A zone that a plugin can give as a whole: `kubernetes` offers its own, `transfer` sends it. */
export interface ZoneSource {
  readonly origin: Name;
  /** The SOA record as it is now; undefined while the zone is not known as a whole: half of one is never sent. */
  soa(): ResourceRecord | undefined;
  /**
   * Every other record of the zone, as it is at the moment of the call whatever changes while they are read: called
   * in the same turn as `soa`, it is the zone of that serial. No two records are the same.
   */
  records(): Iterable<ResourceRecord>;
}

/** What the plugins of one block have for each other: filled while they are set up, read from `onStart` on. */
export interface Offers {
  /** Directives whose search paths are asked for. `autopath` is set up before them: they can read it. */
  readonly wantedSearchPaths: Set<string>;
  /** By directive. */
  readonly searchPaths: Map<string, SearchPaths>;
  /** In the order in which queries try them. */
  readonly upstreamGates: UpstreamGate[];
  /** In the order of the chain. */
  readonly zoneSources: ZoneSource[];
}

/** How long TCP clients may take, in milliseconds, and how much they may ask; undefined where the block says nothing. */
export interface TcpSettings {
  /** To the end of a connection's first query. */
  readonly readMs?: number | undefined;
  /** To take a reply. */
  readonly writeMs?: number | undefined;
  /** From one query, or answer, to the next query. */
  readonly idleMs?: number | undefined;
  /** Queries of one connection; infinite where there is no bound. */
  readonly queries?: number | undefined;
}

/** An address that a block is listened on. */
export interface BlockListener {
  /** As `Query.server`. */
  readonly server: string;
  /** Empty for the wildcard address. */
  readonly host: string;
  readonly port: number;
}

/** What the directives of a block decide about its listeners and its chain, beside being in the chain. */
export interface BlockSettings {
  /** Base directory of relative file names (`root`). */
  root: string;
  /** Addresses to listen on (`bind`); empty means the wildcard address. */
  bind: string[];
  /** No guard against failing plugins, and debug lines in the log (`debug`). */
  debug: boolean;
  /** Stack traces in the log of a failed plugin (`errors { stacktrace }`). */
  stacktrace: boolean;
  /** Whether a plugin of the block takes classes other than IN (`forward`, `chaos`). */
  anyClass: boolean;
  /** Milliseconds between two looks at the Corefile (`reload`); undefined where nobody looks. */
  reloadMs: number | undefined;
  /** Bounds of TCP connections (`timeouts`). */
  tcp: TcpSettings;
  /** UDP sockets of each address, each with a thread (`multisocket`); undefined where the block says nothing. */
  udpSockets: number | undefined;
}

/** Moments at which a plugin may do something. Hooks run in chain order; a failing `start` ends the start. */
export interface Lifecycle {
  /** Before any DNS socket is opened. */
  onStart(hook: () => void | Promise<void>): void;
  /** After the DNS sockets are open. */
  onListening(hook: () => void | Promise<void>): void;
  /**
   * First thing at shutdown: queries are still answered. Also for an instance that a reload replaces or whose start
   * failed: then `replaced` is true, no `onFinalShutdown` follows, and the hook must let go of everything.
   */
  onShutdown(hook: (replaced: boolean) => void | Promise<void>): void;
  /** After every `onShutdown` hook, before the DNS sockets close: the place of lameduck. */
  onFinalShutdown(hook: () => void | Promise<void>): void;
}

export interface SetupContext {
  /** Zones of all keys of the server block. */
  readonly zones: readonly Name[];
  /** Names of all directives in the block. */
  readonly directives: ReadonlySet<string>;
  readonly settings: BlockSettings;
  /** Where the block's first key is listened on, in the order of `bind`; ports are those that are open: from `onListening` on. */
  listeners(): readonly BlockListener[];
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly offers: Offers;
  readonly metrics: Metrics;
  /** For sockets of the plugin's own; undefined where they cannot be had, or the operator does not want them. */
  readonly native: Native | undefined;
  /** Lines get `plugin/<name>: ` in front. */
  readonly log: Logger;
  /** Lines without that prefix: for `log` and `errors` consolidation. */
  readonly plainLog: Logger;
}

/** How a directive becomes a part of the server: one entry of `order.ts`. */
export interface PluginFactory {
  readonly name: string;
  /**
   * Reads all lines of this directive in one block; opens nothing, starts nothing. Returns undefined for directives
   * that only change settings.
   * @throws {CorefileError} with the place of the mistake
   */
  setup(directives: readonly [Directive, ...Directive[]], context: SetupContext): Plugin | undefined;
}
