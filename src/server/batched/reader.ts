/** Who takes datagrams from the sockets of a listener: the main thread, or a worker for each socket. */

export interface Reader {
  /** Settles when it reads, or cannot. */
  readonly started: Promise<void>;
  /** Takes what the kernel holds by now, and nothing any more. The sockets stay open for replies. */
  stop(): Promise<void>;
}
