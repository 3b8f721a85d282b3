/** How long replies may be repeated that depend on a hosts file, alone or together with what follows. */
import { EitherGeneration, type Generation } from '../../cluster/generation.ts';
import type { Validity } from '../reply.ts';
import type { HostsFile } from './hosts-file.ts';

export class HostsValidity {
  readonly #file: HostsFile;
  readonly #joined = new WeakMap<Generation, Generation>();

  constructor(file: HostsFile) {
    this.#file = file;
  }

  /** Of an answer from the file. */
  own(): Validity {
    const of = this.#file.generation;
    return { kind: 'while', of, generation: of.current };
  }

  /**
   * Of another plugin's reply, which would have been ours with other entries.
   * @param asked the file's generation when the other plugin was asked
   */
  narrow(validity: Validity, asked: number): Validity {
    switch (validity.kind) {
      case 'never':
        return validity;
      case 'until':
        return { kind: 'until', ms: Math.min(validity.ms, this.#file.nextCheckMs) };
      case 'while':
        return {
          kind: 'while',
          of: this.#join(validity.of),
          generation: validity.generation + asked,
        };
    }
  }

  #join(other: Generation): Generation {
    const known = this.#joined.get(other);
    if (known !== undefined) return known;
    const joined = new EitherGeneration(this.#file.generation, other);
    this.#joined.set(other, joined);
    return joined;
  }
}
