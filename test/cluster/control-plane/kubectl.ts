/** kubectl, as the administrator of a control plane. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { peer } from '../../peers/peers.ts';
import type { ControlPlane } from './control-plane.ts';

const run = promisify(execFile);

/** What it wrote. @throws where it fails, with its own words */
export async function kubectl({ files }: ControlPlane, args: readonly string[], input = ''): Promise<string> {
  const all = ['--kubeconfig', files.adminKubeconfig, ...args];
  // Its cache of what the server has goes to its home.
  const running = run(peer('kubectl'), all, { env: { PATH: process.env.PATH, HOME: files.folder } });
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout;
}
