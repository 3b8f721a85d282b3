/** Messages out of a TCP stream, where each comes behind its length (RFC 1035 §4.2.2), in pieces of any size. */
export class FrameReader {
  readonly #prefix = Buffer.alloc(2);
  #prefixBytes = 0;
  /** Undefined until the length is known. */
  #message: Buffer | undefined;
  #messageBytes = 0;

  /** The messages that end within the chunk. */
  push(chunk: Uint8Array): Uint8Array[] {
    const whole: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#message === undefined) {
        this.#prefix[this.#prefixBytes++] = chunk[at++] ?? 0;
        if (this.#prefixBytes < this.#prefix.length) continue;
        this.#message = Buffer.alloc(this.#prefix.readUInt16BE());
      }
      at += this.#fill(this.#message, chunk.subarray(at));
      if (this.#messageBytes < this.#message.length) break;
      whole.push(this.#message);
      this.#message = undefined;
      this.#messageBytes = 0;
      this.#prefixBytes = 0;
    }
    return whole;
  }

  #fill(message: Buffer, chunk: Uint8Array): number {
    const part = chunk.subarray(0, message.length - this.#messageBytes);
    message.set(part, this.#messageBytes);
    this.#messageBytes += part.length;
    return part.length;
  }
}

/** A message behind its length. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(2 + message.length);
  framed.writeUInt16BE(message.length);
  framed.set(message, 2);
  return framed;
}
