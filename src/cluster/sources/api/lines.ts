/** Cuts a stream of octets into lines, whatever the size of its pieces. */
import { ApiFailure } from './failure.ts';

const NEWLINE = 0x0a;

/**
 * Keeps what has no end yet as octets: a character whose octets came in two pieces is decoded whole. What is
 * left when the stream ends is not a line, and is forgotten with the splitter.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The lines that this piece completes; empty lines are passed over.
   * @throws {ApiFailure} a line is longer than the bound
   */
  *push(piece: Buffer): Generator<string> {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      this.#add(piece.subarray(start, end));
      start = end + 1;
      const line = whole(this.#begun);
      this.#begun = [];
      this.#begunBytes = 0;
      if (line !== '') yield line;
    }
    this.#add(piece.subarray(start));
  }

  #add(part: Buffer): void {
    if (part.length === 0) return;
    this.#begunBytes += part.length;
    if (this.#begunBytes > this.#maxBytes) {
      throw new ApiFailure('event-too-large', `a watch event has more than ${this.#maxBytes} octets`);
    }
    this.#begun.push(part);
  }
}

/** Most lines come in one piece, and are not copied. */
function whole(parts: readonly Buffer[]): string {
  const [part, another] = parts;
  return part !== undefined && another === undefined
    ? part.toString('utf8')
    : Buffer.concat(parts).toString('utf8');
}
