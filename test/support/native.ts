/** Calls of the C library. */
import { loadNative, type Native } from '../../src/net/native.ts';

const loaded = loadNative();

/** Undefined where the platform has none. */
export const native: Native | undefined = typeof loaded === 'string' ? undefined : loaded;
