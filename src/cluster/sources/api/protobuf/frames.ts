/** Cuts a stream of octets into frames, each with its length before it in four octets (big-endian), whatever the size of its pieces. */
import { ApiFailure } from '../failure.ts';

const LENGTH_BYTES = 4;

/** What has no end yet when the stream ends is no frame, and is forgotten with the splitter. */
export class FrameSplitter {
  readonly #maxBytes: number;
  #begun: Buffer[] = [];
  #begunBytes = 0;
  /** Of the frame that has begun, its length included; so many are awaited. */
  #wantedBytes = LENGTH_BYTES;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The frames that this piece completes. Most come in one piece, and are not copied: they are good until the next piece.
   * @throws {ApiFailure} a frame is longer than the bound
   */
  *push(piece: Buffer): Generator<Buffer> {
    if (this.#begunBytes === 0) this.#begun = [piece];
    else this.#begun.push(piece);
    this.#begunBytes += piece.length;
    while (this.#begunBytes >= this.#wantedBytes) {
      const octets = whole(this.#begun);
      const end = LENGTH_BYTES + octets.readUInt32BE();
      if (end > LENGTH_BYTES + this.#maxBytes) {
        throw new ApiFailure('event-too-large', `a watch event has more than ${this.#maxBytes} octets`);
      }
      const isWhole = octets.length >= end;
      if (isWhole) yield octets.subarray(LENGTH_BYTES, end);
      const rest = isWhole ? octets.subarray(end) : octets;
      this.#begun = [rest];
      this.#begunBytes = rest.length;
      this.#wantedBytes = isWhole ? LENGTH_BYTES : end;
    }
  }
}

function whole(parts: readonly Buffer[]): Buffer {
  const [part, another] = parts;
  return part !== undefined && another === undefined ? part : Buffer.concat(parts);
}
