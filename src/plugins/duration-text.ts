/** A duration as Go prints it, in log lines that others' tools match: `5s`, `1m30s`, `1h0m0s`, `250ms`. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 0) return `-${durationText(-milliseconds)}`;
  if (milliseconds < 1)
    return milliseconds < 0.001 ? `${round(milliseconds * 1e6)}ns` : `${round(milliseconds * 1e3)}µs`;
  if (milliseconds < 1_000) return `${round(milliseconds)}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${round((milliseconds - minutes * 60_000) / 1_000)}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** Without the noise of binary fractions: Go counts whole nanoseconds. */
function round(value: number): number {
  return Number(value.toFixed(9));
}
