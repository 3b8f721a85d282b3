/** What holds for every UDP datagram. */

/** The largest that there is, and more: UDP's own header has 16 bits for the length. */
export const DATAGRAM_BYTES = 65_536;
