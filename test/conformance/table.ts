/** `npm run conformance:table`: writes what the commands have found into docs/conformance.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { withTable } from '../support/document-table.ts';
import { type Score, tableOf } from './score.ts';

const DOCUMENT = new URL('../../docs/conformance.md', import.meta.url);
/** Left by the commands in the folder that they ran in. */
const RESULTS: readonly (readonly [command: string, file: string])[] = [
  ['npm run proof:churn', 'results/churn.md'],
  ['npm run proof:load', 'results/load.md'],
  ['npm run bench:scale', 'results/scale.md'],
];

const score: Score = JSON.parse(readFileSync(new URL('score.json', import.meta.url), 'utf8'));
let document = withTable(readFileSync(DOCUMENT, 'utf8'), 'npm run conformance', tableOf(score));
for (const [command, file] of RESULTS) {
  if (existsSync(file)) document = withTable(document, command, readFileSync(file, 'utf8').trimEnd());
}
writeFileSync(DOCUMENT, document);
