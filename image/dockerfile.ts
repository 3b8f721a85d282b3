/** Reads as much of a Dockerfile as this project's has: instructions, stages, lines that go on. */

export interface Instruction {
  /** `RUN`, `COPY`... */
  readonly name: string;
  readonly text: string;
}

export interface Stage {
  /** What it is named by `AS`, else its number. */
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** @throws {Error} an instruction stands before the first `FROM` */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [base = '', , alias = String(stages.length)] = rest.split(/\s+/);
      stages.push({ name: alias, base, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${name} stands before FROM`);
    stage.instructions.push({ name, text: rest.trim() });
  }
  return stages;
}
