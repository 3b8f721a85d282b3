/** Where answers that are known already would come from, before anything is decoded. */

/**
 * Looks an answer up.
 * @param query of which `length` octets are the query
 * @param family the client's
 * @param out where the answer is written
 * @returns octets of the answer; 0 where none is known
 */
export type Find = (query: Uint8Array, length: number, family: 4 | 6, out: Uint8Array) => number;

export const nothingKnown: Find = () => 0;
