/** Every Corefile in the documents is one: it is set up, and started where it needs nothing that is not here. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as library from '../src/index.ts';
import { known } from '../src/plugins/order.ts';
import { ask } from './support/ask.ts';
import { startServer } from './support/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['README.md', 'docs/corefile.md'];

interface Example {
  readonly document: string;
  readonly line: number;
  readonly text: string;
}

const examples: Example[] = documents.flatMap((document) => {
  const text = readFileSync(`${root}${document}`, 'utf8');
  return [...text.matchAll(/^```corefile\n([\s\S]*?)^```$/gm)].map(({ index, 1: corefile = '' }) => ({
    document,
    line: text.slice(0, index).split('\n').length + 1,
    text: corefile,
  }));
});

/** A dump or a kubeconfig of the reader's own. */
const needsMore = (example: Example) => /kubeconfig|manifests dump/.test(example.text);

describe('Corefiles in the documents', () => {
  test.each(examples.filter((example) => !needsMore(example)))('$document:$line starts', async ({ text }) => {
    const anyPort = text.replaceAll(/(^\.|127\.0\.0\.1):\d+/gm, '$1:0');
    await using running = await startServer(anyPort, `${root}Corefile`);
    // An example's upstreams are nobody's to ask.
    if (text.includes('forward')) return;
    expect((await ask(running.port, 'version.example', 'TXT')).rcode).toBe(0);
  });

  test('every directive has a section with an example', () => {
    const text = readFileSync(`${root}docs/corefile.md`, 'utf8');
    const sections = text.split(/^## /m);
    for (const directive of [...known, 'import']) {
      const section = sections.find((candidate) => candidate.startsWith(`${directive}\n`));
      expect(section, directive).toContain('```corefile');
    }
  });
});

describe('what programs in the documents import', () => {
  const imports = ['README.md', 'docs/resolver.md'].flatMap((document) =>
    [
      ...readFileSync(`${root}${document}`, 'utf8').matchAll(/^import \{([^}]+)\} from 'corvidns';$/gm),
    ].flatMap(([, names = '']) => names.split(',').map((name) => ({ document, name: name.trim() }))),
  );

  test.each(imports)('$document: $name', ({ name }) => {
    expect(Object.keys(library)).toContain(name);
  });
});
