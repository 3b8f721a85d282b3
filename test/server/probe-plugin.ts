/** A plugin for tests of a server's life: answers with its argument, and notes when its hooks run. */
import { onlyArg } from '../../src/corefile/args.ts';
import { type ResourceRecord, record } from '../../src/dns/record.ts';
import type { PluginFactory } from '../../src/plugins/plugin.ts';
import { makeReply } from '../../src/plugins/reply.ts';

type Hook = 'start' | 'listening' | 'shutdown' | 'replaced' | 'final';

/** `start one`, in the order in which hooks began. */
export const trail: string[] = [];
/** What hooks do, by `start one`; default: nothing. */
export const hooks = new Map<string, () => void | Promise<void>>();
/** What happens to a query before its answer, by argument; default: nothing. */
export const delays = new Map<string, () => Promise<void>>();

export function resetProbes(): void {
  trail.length = 0;
  hooks.clear();
  delays.clear();
}

function run(hook: Hook, name: string): void | Promise<void> {
  trail.push(`${hook} ${name}`);
  return hooks.get(`${hook} ${name}`)?.();
}

export const probePlugin: PluginFactory = {
  name: 'probe',

  setup([directive], { lifecycle }) {
    const name = onlyArg(directive).text;
    lifecycle.onStart(() => run('start', name));
    lifecycle.onListening(() => run('listening', name));
    lifecycle.onShutdown((replaced) => run(replaced ? 'replaced' : 'shutdown', name));
    lifecycle.onFinalShutdown(() => run('final', name));
    return {
      name: 'probe',
      serve: ({ name: owner }) => {
        const text: ResourceRecord = record(owner, 0, { kind: 'TXT', strings: [Buffer.from(name)] });
        const reply = makeReply({ aa: true, answer: [text], plugin: 'probe' });
        return (
          delays
            .get(name)?.()
            .then(() => reply) ?? reply
        );
      },
    };
  },
};

/** The list of plugins with the probe at its end: to be put in place of the real one. */
export async function withProbe(original: () => Promise<unknown>): Promise<object> {
  const real = (await original()) as typeof import('../../src/plugins/order.ts');
  const factories = [...real.factories, probePlugin];
  return { ...real, factories, known: new Set(factories.map(({ name }) => name)) };
}
