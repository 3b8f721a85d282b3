/** Whether the directives of server blocks are ones that the program has. */
import { errorAt, type ServerBlock } from './ast.ts';
import type { CorefileError } from './error.ts';
import { suggest } from './suggest.ts';

export interface DirectiveNames {
  readonly known: ReadonlySet<string>;
  /** Names of CoreDNS's plugins that the program does not have yet. */
  readonly planned: ReadonlySet<string>;
}

/** One error for every directive that is not known. */
export function checkDirectives(blocks: readonly ServerBlock[], names: DirectiveNames): CorefileError[] {
  return blocks.flatMap(({ directives }) =>
    directives
      .filter(({ name }) => !names.known.has(name.text))
      .map(({ name }) => errorAt(name, problemWith(name.text, names))),
  );
}

function problemWith(directive: string, { known, planned }: DirectiveNames): string {
  if (planned.has(directive)) {
    return `directive '${directive}' is a CoreDNS plugin that corvidns does not have yet`;
  }
  const meant = suggest(directive, [...known, ...planned]);
  return `Unknown directive '${directive}'${meant === undefined ? '' : `, did you mean '${meant}'?`}`;
}
