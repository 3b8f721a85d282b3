/** `local`: answers for names of this machine, which have no business on the network (RFC 6761 §6.3, RFC 6303 §4). */
import { CONSTANT } from '../../cluster/generation.ts';
import { noArgs, onlyArg, readProperties } from '../../corefile/args.ts';
import { type Directive, errorAt } from '../../corefile/ast.ts';
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Rcode, RrClass, RrType } from '../../dns/types.ts';
import { type Reason, reasons } from '../../reasons.ts';
import { EachCounter } from '../each-counter.ts';
import type { Handler, Plugin, PluginFactory, Query } from '../plugin.ts';
import { makeReply, type Reply, type Validity } from '../reply.ts';
import {
  LOCALHOST,
  LOOPBACK_POINTER,
  loopbackRecord,
  nsRecord,
  pointerRecord,
  soaRecord,
  ZONES,
} from './records.ts';

/** Wire form of a name whose first label is `localhost`. */
const LOCALHOST_PREFIX = '\x09localhost';
const ALWAYS: Validity = { kind: 'while', of: CONSTANT, generation: CONSTANT.current };

export const localPlugin: PluginFactory = {
  name: 'local',

  setup(directives, { metrics }): Plugin {
    let prefix = true;
    for (const directive of directives) prefix = readOptions(directive) ?? prefix;
    const localhosts = metrics.counter(
      'coredns_local_localhost_requests_total',
      'Counter of special localhost subdomain requests.',
      [],
    );
    return new Local(prefix, new EachCounter(localhosts.labels()));
  },
};

/** Whether `localhost.` in front of any name counts; undefined where nothing says so. */
function readOptions(directive: Directive): boolean | undefined {
  noArgs(directive);
  let prefix: boolean | undefined;
  readProperties(directive, {
    localhost_prefix: (property) => {
      const value = onlyArg(property);
      if (value.text !== 'on' && value.text !== 'off') {
        throw errorAt(value, `localhost_prefix expects 'on' or 'off', got "${value.text}"`);
      }
      prefix = value.text === 'on';
    },
  });
  return prefix;
}

class Local implements Plugin {
  readonly name = 'local';
  readonly #prefix: boolean;
  readonly #localhosts: EachCounter;

  constructor(prefix: boolean, localhosts: EachCounter) {
    this.#prefix = prefix;
    this.#localhosts = localhosts;
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    if (query.class !== RrClass.IN) return next(query);
    const { name, type } = query;
    if (this.#isLocalhost(name)) {
      this.#localhosts.count(query);
      return answerOr(loopbackRecord(name, type), name);
    }
    const zone = ZONES.find((candidate) => name.isWithin(candidate));
    if (zone === undefined) return next(query);
    // In the letters of the question.
    const apex = name.suffix(zone.labelCount);
    if (name.labelCount === zone.labelCount) return answerOr(apexRecord(name, type), apex);
    if (LOOPBACK_POINTER.equals(name)) return answerOr(pointerRecord(name, type), apex);
    // RFC 8020 §2: a name with another below it exists.
    if (LOOPBACK_POINTER.isWithin(name)) return denial(apex, Rcode.NOERROR, reasons.noRecordOfType);
    return denial(apex, Rcode.NXDOMAIN, reasons.noSuchLocalName);
  }

  /** Below `localhost.`, or with it in front of a search domain, as resolvers make it of `localhost`. */
  #isLocalhost(name: Name): boolean {
    if (name.labelCount < 2) return false;
    return name.isWithin(LOCALHOST) || (this.#prefix && name.key.startsWith(LOCALHOST_PREFIX));
  }
}

function apexRecord(name: Name, type: number): ResourceRecord | undefined {
  if (type === RrType.SOA) return soaRecord(name);
  if (type === RrType.NS) return nsRecord(name);
  return name.equals(LOCALHOST) ? loopbackRecord(name, type) : undefined;
}

function answerOr(answer: ResourceRecord | undefined, apex: Name): Reply {
  if (answer === undefined) return denial(apex, Rcode.NOERROR, reasons.noRecordOfType);
  return makeReply({ answer: [answer], validity: ALWAYS, plugin: 'local' });
}

function denial(apex: Name, rcode: number, reason: Reason): Reply {
  return makeReply({ rcode, authority: [soaRecord(apex)], reason, validity: ALWAYS, plugin: 'local' });
}
