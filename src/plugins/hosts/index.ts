/** `hosts`: answers from a file in the format of `/etc/hosts`, and from entries in the Corefile. */
import { statSync } from 'node:fs';
import { onlyOnce } from '../../corefile/args.ts';
import { type Directive, errorAt } from '../../corefile/ast.ts';
import type { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { addressOfReverseName } from '../../dns/reverse.ts';
import { Rcode, RrType } from '../../dns/types.ts';
import { reasons } from '../../reasons.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Handler, Plugin, PluginFactory, Query } from '../plugin.ts';
import { failure, makeReply, type Reply, whenReplied } from '../reply.ts';
import { underRoot } from '../text-file.ts';
import { HostsFile } from './hosts-file.ts';
import { type HostsOptions, readOptions } from './options.ts';
import { type AddressKind, HostTable, lowerCase, type TableOptions } from './table.ts';
import { HostsValidity } from './validity.ts';

export const hostsPlugin: PluginFactory = {
  name: 'hosts',

  setup(directives, { zones, settings, lifecycle, metrics, log }): Plugin {
    const directive = onlyOnce(directives);
    const options = readOptions(directive);
    const path = underRoot(options.file, settings.root);
    checkFile(path, directive, log);
    const table = {
      ttl: options.ttl,
      zones: options.zones.length > 0 ? options.zones : zones,
      reverse: options.reverse,
    };
    const inline = readInline(options.inline, table, log);
    const file = new HostsFile({ path, reloadMs: options.reloadMs, table, inline }, metrics, log);
    lifecycle.onStart(() => file.start());
    lifecycle.onShutdown(() => file.stop());
    return new Hosts(options, table.zones, inline, file);
  },
};

function checkFile(path: string, directive: Directive, log: Logger): void {
  try {
    if (statSync(path).isDirectory()) log.warning(`Hosts file "${path}" is a directory`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const place = directive.args[0] ?? directive.name;
    if (code !== 'ENOENT') throw errorAt(place, `unable to access hosts file '${path}': ${message}`);
    log.warning(`File does not exist: ${path}`);
  }
}

function readInline(lines: readonly string[], options: TableOptions, log: Logger): HostTable {
  const table = new HostTable(options);
  for (const line of lines) {
    if (!table.add(line)) log.warning(`'${line}' is no option and begins with no address: left out`);
  }
  if (table.illegalNames > 0) log.warning(`${table.illegalNames} names are no domain names: left out`);
  return table;
}

class Hosts implements Plugin {
  readonly name = 'hosts';
  readonly #options: HostsOptions;
  readonly #zones: readonly Name[];
  readonly #inline: HostTable;
  readonly #file: HostsFile;
  readonly #validity: HostsValidity;

  constructor(options: HostsOptions, zones: readonly Name[], inline: HostTable, file: HostsFile) {
    this.#options = options;
    this.#zones = zones;
    this.#inline = inline;
    this.#file = file;
    this.#validity = new HostsValidity(file);
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    const { name, type } = query;
    if (type === RrType.PTR) return this.#servePointer(query, next);
    if (!this.#zones.some((zone) => name.isWithin(zone))) return next(query);
    const { fallthrough, fallthroughUnsupported } = this.#options;
    const kind = type === RrType.A ? 'A' : type === RrType.AAAA ? 'AAAA' : undefined;
    if (kind === undefined && fallthroughUnsupported && fallthrough.covers(name)) return next(query);
    const answer = kind === undefined ? [] : this.#addresses(name, kind);
    if (answer.length > 0) return this.#reply({ answer });
    if (this.#exists(name)) return this.#reply({ reason: reasons.noRecordOfType });
    if (fallthrough.covers(name)) return this.#pass(query, next);
    // There is no SOA to say NXDOMAIN with.
    return failure(Rcode.SERVFAIL, reasons.notInHosts);
  }

  /** Addresses need not be in the zones, and those without names always go on. */
  #servePointer(query: Query, next: Handler): Reply | Promise<Reply> {
    const address = addressOfReverseName(query.name);
    if (address === undefined) return next(query);
    const targets = [...this.#file.table.names(address), ...this.#inline.names(address)];
    if (targets.length === 0) return this.#pass(query, next);
    const owner = lowerCase(query.name);
    const { ttl } = this.#options;
    return this.#reply({ answer: targets.map((target) => record(owner, ttl, { kind: 'PTR', target })) });
  }

  #addresses(name: Name, kind: AddressKind): readonly ResourceRecord[] {
    const fromFile = this.#file.table.addresses(name, kind);
    const fromCorefile = this.#inline.addresses(name, kind);
    if (fromCorefile.length === 0) return fromFile;
    return fromFile.length === 0 ? fromCorefile : [...fromFile, ...fromCorefile];
  }

  #exists(name: Name): boolean {
    return this.#addresses(name, 'A').length > 0 || this.#addresses(name, 'AAAA').length > 0;
  }

  #pass(query: Query, next: Handler): Reply | Promise<Reply> {
    const asked = this.#file.generation.current;
    return whenReplied(next(query), (reply) => {
      const validity = this.#validity.narrow(reply.validity, asked);
      return validity === reply.validity ? reply : { ...reply, validity };
    });
  }

  #reply(parts: Partial<Reply>): Reply {
    return makeReply({ aa: true, validity: this.#validity.own(), plugin: 'hosts', ...parts });
  }
}
