/** Carries a stage of the Dockerfile out in a folder: `RUN` in a chroot, `COPY` from the project or another stage. */
import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { command } from './command.ts';
import type { Stage } from './dockerfile.ts';

/** What the final stage says about how it is started. */
export interface Start {
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const IN_ROOT = `mount --bind /dev "$0/dev"; mount -t proc proc "$0/proc"
exec chroot "$0" /usr/bin/env -i ${PATH} HOME=/root sh -ec "$1"`;

/**
 * @param roots the folders of the stages before, by name
 * @throws {Error} a step failed, or is of a kind that is not known here
 */
export function carryOut(stage: Stage, root: string, context: string, roots: Map<string, string>): Start {
  const start = { env: {} as Record<string, string>, user: '0', workdir: '/', entrypoint: [] as string[] };
  for (const { name, text } of stage.instructions) {
    if (name === 'RUN') run(root, `cd ${start.workdir}; ${text}`);
    else if (name === 'COPY') copy(text, root, start.workdir, context, roots);
    else if (name === 'WORKDIR') {
      start.workdir = text;
      mkdirSync(join(root, text), { recursive: true });
    } else if (name === 'ENV') {
      const [, key = '', value = ''] = /^(\w+)=(\S+)$/.exec(text) ?? [];
      start.env[key] = value;
    } else if (name === 'USER') start.user = text;
    else if (name === 'ENTRYPOINT') start.entrypoint = JSON.parse(text);
    else if (name !== 'LABEL' && name !== 'EXPOSE') throw new Error(`${name} is not known here`);
  }
  roots.set(stage.name, root);
  return start;
}

function run(root: string, script: string): void {
  command('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', IN_ROOT, root, script]);
}

/** A folder's content, or files, with all their attributes: the capability is one. */
function copy(
  text: string,
  root: string,
  workdir: string,
  context: string,
  roots: Map<string, string>,
): void {
  const words = text.split(/\s+/);
  const [, from] = /^--from=(.*)$/.exec(words[0] ?? '') ?? [];
  if (from !== undefined) words.shift();
  const source = from === undefined ? context : roots.get(from);
  const to = words.pop();
  if (source === undefined || to === undefined) throw new Error(`COPY ${text}: from where to where?`);
  const target = join(root, resolve(workdir, to));
  const intoFolder = to.endsWith('/') || words.length > 1;
  for (const word of words) {
    const file = join(source, word);
    if (statSync(file).isDirectory()) {
      mkdirSync(target, { recursive: true });
      command('cp', ['-a', `${file}/.`, target]);
      continue;
    }
    const path = intoFolder ? join(target, basename(word)) : target;
    mkdirSync(dirname(path), { recursive: true });
    command('cp', ['-a', file, path]);
  }
}
