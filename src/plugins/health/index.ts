/** `health`: an HTTP endpoint that says that the process lives, and time to leave at shutdown. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  expectArgs,
  type HostPort,
  onlyArg,
  parseDuration,
  parseHostPort,
  readProperties,
} from '../../corefile/args.ts';
import type { Directive } from '../../corefile/ast.ts';
import { durationText } from '../duration-text.ts';
import { joinHostPort, type OpenRoute, openRoute, respond } from '../http-listener.ts';
import type { PluginFactory } from '../plugin.ts';
import { HealthPoll } from './poll.ts';

const PATH = '/health';

export const healthPlugin: PluginFactory = {
  name: 'health',

  setup(directives, { lifecycle, metrics, log }) {
    const { address, lameduckMs } = readDirectives(directives);
    let route: OpenRoute | undefined;
    let poll: HealthPoll | undefined;

    const stop = async () => {
      poll?.stop();
      await route?.close();
      poll = undefined;
      route = undefined;
    };
    lifecycle.onStart(async () => {
      route = await openRoute({
        directive: 'health',
        address,
        path: PATH,
        handler: (_request, response) => respond(response, 200, 'OK'),
      });
      log.debug(`Listening on ${route.address.address} port ${route.address.port}`);
      poll = new HealthPoll(route.address, `http://${joinHostPort(address)}${PATH}`, metrics, log);
    });
    lifecycle.onShutdown(async (replaced) => {
      if (replaced) await stop();
    });
    lifecycle.onFinalShutdown(async () => {
      if (route !== undefined && lameduckMs > 0) {
        log.info(`Going into lameduck mode for ${durationText(lameduckMs)}`);
        await sleep(lameduckMs);
      }
      await stop();
    });
    return undefined;
  },
};

interface HealthOptions {
  readonly address: HostPort;
  readonly lameduckMs: number;
}

/** The directive may be repeated in a block, as in CoreDNS: what comes later counts. */
function readDirectives(directives: readonly Directive[]): HealthOptions {
  let address: HostPort = { host: '', port: 8080 };
  let lameduckMs = 0;
  for (const directive of directives) {
    const [given] = expectArgs(directive, { min: 0, max: 1 });
    if (given !== undefined) address = parseHostPort(given);
    readProperties(directive, {
      lameduck: (property) => {
        lameduckMs = parseDuration(onlyArg(property));
      },
    });
  }
  return { address, lameduckMs };
}
