/** Who this is, in logs, metrics and the User-Agent. */
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
