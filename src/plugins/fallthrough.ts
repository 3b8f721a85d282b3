/** `fallthrough [ZONE...]`: names for which a plugin that has no answer asks the next one. */
import type { Directive } from '../corefile/ast.ts';
import { normalizeZones } from '../corefile/zones.ts';
import { Name } from '../dns/name.ts';

export class Fallthrough {
  /** Without the option: no name goes on. */
  static readonly none = new Fallthrough([]);

  readonly #zones: readonly Name[];

  constructor(zones: readonly Name[]) {
    this.#zones = zones;
  }

  covers(name: Name): boolean {
    return this.#zones.some((zone) => name.isWithin(zone));
  }
}

/** Without zones it is for every name. @throws {CorefileError} an argument is not a zone */
export function parseFallthrough(directive: Directive): Fallthrough {
  return new Fallthrough(directive.args.length === 0 ? [Name.root] : directive.args.flatMap(normalizeZones));
}
