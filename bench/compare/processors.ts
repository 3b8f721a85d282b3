/** Who runs where: the server alone on the last processor, client and upstream on the first. */
import { availableParallelism } from 'node:os';

export const CLIENT_PROCESSOR = 0;
export const SERVER_PROCESSOR = availableParallelism() - 1;
