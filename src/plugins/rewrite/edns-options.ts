/** EDNS options of a query as values: what the actions of `edns0` rules do to them, and what undoes it in the reply. */
import type { Edns, EdnsOption } from '../../dns/message.ts';

export type Action = 'set' | 'replace' | 'append' | 'unset';

export type Options = readonly EdnsOption[];

/** The options of a reply that take the place of those that a rule has made. */
export type Undo = (options: Options) => Options;

export interface Changed {
  readonly options: Options;
  readonly undo: Undo;
}

export function remove(options: Options, code: number): Options {
  return options.filter((option) => option.code !== code);
}

/**
 * What an action makes of the options; undefined where it does not apply.
 * @param onlyOnce `append` adds nothing beside an option of the code
 */
export function change(
  options: Options,
  action: Exclude<Action, 'unset'>,
  made: EdnsOption,
  onlyOnce: boolean,
): Changed | undefined {
  const { code } = made;
  const at = options.findIndex((option) => option.code === code);
  const old = options[at];
  if (old !== undefined && action !== 'append') {
    return { options: options.with(at, made), undo: (replied) => replaceFirst(replied, code, [old]) };
  }
  if (action === 'replace' || (old !== undefined && onlyOnce)) return undefined;
  return { options: [...options, made], undo: (replied) => replaceFirst(replied, code, []) };
}

function replaceFirst(options: Options, code: number, by: Options): Options {
  const at = options.findIndex((option) => option.code === code);
  return at < 0 ? options : options.toSpliced(at, 1, ...by);
}

/** Of the OPT that a query without one gets: CoreDNS's size. */
const OWN_UDP_SIZE = 4096;

export function withOptions(edns: Edns | undefined, options: Options): Edns {
  return { udpSize: OWN_UDP_SIZE, version: 0, do: false, z: 0, ...edns, options };
}
