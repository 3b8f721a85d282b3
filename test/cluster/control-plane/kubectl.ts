/** kubectl, as the administrator of a control plane. */
import { spawnSync } from 'node:child_process';
import { peer } from '../../peers/peers.ts';
import type { ControlPlane } from './control-plane.ts';

/** What it wrote. @throws where it fails, with its own words */
export function kubectl({ files }: ControlPlane, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(
    peer('kubectl'),
    ['--kubeconfig', files.adminKubeconfig, ...args],
    // Its cache of what the server has goes to its home.
    { input, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: files.folder } },
  );
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}
