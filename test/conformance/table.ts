/** `npm run conformance:table`: writes score.json into docs/conformance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Score, withTable } from './score.ts';

const document = new URL('../../docs/conformance.md', import.meta.url);
const score: Score = JSON.parse(readFileSync(new URL('score.json', import.meta.url), 'utf8'));
writeFileSync(document, withTable(readFileSync(document, 'utf8'), score));
