/** The only error that decoding or encoding a message throws: the bytes, or the message, are not legal DNS. */
export class WireError extends Error {
  /** Octet of the message at which decoding gave up; -1 where there is no message yet. */
  readonly offset: number;

  constructor(message: string, offset = -1) {
    super(message);
    this.name = 'WireError';
    this.offset = offset;
  }
}

/** A name, record or other text is not in the presentation format (RFC 1035 §5.1, RFC 3597 §5). */
export class PresentationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PresentationError';
  }
}
