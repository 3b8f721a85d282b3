/** Says once, before the tests that need the peers, which of them are not there: those tests are left out. */
import { missing, peers } from './peers.ts';

export default function sayWhatIsMissing(): void {
  const absent = missing(peers);
  if (absent.length === 0) return;
  console.warn(
    `Left out: tests that need ${absent.join(', ')}, not built here. \`npm run peers\` does it (needs Go 1.26).`,
  );
}
