/** `autopath`: goes along the client's search path for it, so that it asks once. */
import type { Name } from '../../dns/name.ts';
import { Opcode, Rcode, RrClass } from '../../dns/types.ts';
import type { CounterChild, Labeled } from '../../telemetry/metrics.ts';
import type { Handler, Plugin, PluginFactory, Query, SearchPaths, SetupContext } from '../plugin.ts';
import { forThisClient, type Reply, whenReplied } from '../reply.ts';
import { Decisions, type Path } from './decisions.ts';
import { readOptions } from './options.ts';
import { Search } from './search.ts';

export const autopathPlugin: PluginFactory = makeAutopathPlugin(() => performance.now());

/** @param nowMs milliseconds that are never set back */
export function makeAutopathPlugin(nowMs: () => number): PluginFactory {
  return {
    name: 'autopath',

    setup([first, ...rest], context): Plugin {
      // As CoreDNS: of several lines the last counts.
      const { zones, source } = rest.reduce(
        (_, directive) => readOptions(directive, context.zones),
        readOptions(first, context.zones),
      );
      const paths =
        source.kind === 'plugin' ? pathsOf(source.directive, context) : () => pathOfAll(source.path);
      if (source.kind === 'file' && source.path.length === 1) {
        context.log.warning(`${source.file} has no search list: autopath does nothing`);
      }
      const plugin = new Autopath(zones, new Decisions(nowMs), successes(context));
      context.lifecycle.onStart(() => plugin.follow(paths()));
      return plugin;
    },
  };
}

class Autopath implements Plugin {
  readonly name = 'autopath';
  readonly #zones: readonly Name[];
  readonly #decisions: Decisions;
  readonly #countSuccess: (server: string) => void;
  #paths: SearchPaths | undefined;

  constructor(zones: readonly Name[], decisions: Decisions, countSuccess: (server: string) => void) {
    this.#zones = zones;
    this.#decisions = decisions;
    this.#countSuccess = countSuccess;
  }

  /** Undefined: there are none, everything is passed on. */
  follow(paths: SearchPaths | undefined): void {
    this.#paths = paths;
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    const paths = this.#paths;
    if (paths === undefined || !this.#isFor(query) || !paths.concerns(query.name)) return next(query);
    const path = paths.searchPathOf(query);
    // Another client may get another reply.
    if (!isSearched(query.name, path)) return whenReplied(next(query), forThisClient);
    const search = new Search(query, this.#decisions.of(query, path));
    return whenReplied(search.run(next), (reply) => {
      if (reply.rcode === Rcode.NOERROR && !reply.dropped) this.#countSuccess(query.server);
      return reply;
    });
  }

  #isFor({ message, name, class: rrClass }: Query): boolean {
    if (message.opcode !== Opcode.QUERY || rrClass !== RrClass.IN) return false;
    return this.#zones.some((zone) => name.isWithin(zone));
  }
}

/** Whether a client with this path may have put the name together from a shorter one. */
function isSearched(name: Name, path: readonly Name[] | undefined): path is Path {
  const first = path?.[0];
  return first !== undefined && name.labelCount > first.labelCount && name.isWithin(first);
}

/** One path for every client. */
function pathOfAll(path: readonly Name[]): SearchPaths {
  return { concerns: (name) => path.length > 1 && isSearched(name, path), searchPathOf: () => path };
}

/** Asked for at the start, when every plugin is set up. */
function pathsOf(
  directive: string,
  { offers, directives, log }: SetupContext,
): () => SearchPaths | undefined {
  offers.wantedSearchPaths.add(directive);
  if (!directives.has(directive)) {
    log.warning(`@${directive} does nothing: there is no ${directive} in the server block`);
    return () => undefined;
  }
  return () => {
    const paths = offers.searchPaths.get(directive);
    if (paths !== undefined) return paths;
    throw new Error(`plugin/autopath: ${directive} does not implement the AutoPather interface`);
  };
}

function successes({ metrics }: SetupContext): (server: string) => void {
  const counter: Labeled<CounterChild> = metrics.counter(
    'coredns_autopath_success_total',
    'Counter of requests that did autopath.',
    ['server'],
  );
  const byServer = new Map<string, CounterChild>();
  return (server) => {
    let child = byServer.get(server);
    if (child === undefined) {
      child = counter.labels(server);
      byServer.set(server, child);
    }
    child.inc();
  };
}
