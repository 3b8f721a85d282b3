/** The service account `coredns` with a token of its own, as the kubelet hands it to the pod. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenOptions } from './cluster-api.ts';
import type { ControlPlane } from './control-plane.ts';
import { kubeconfigText } from './kubeconfig.ts';

export interface DnsAccount {
  /** For the Corefile's `kubeconfig`: it reads the token from a file that is replaced when the token is. */
  readonly kubeconfig: string;
  /** Puts a new token in the place of the old one. */
  rotate(options?: TokenOptions): Promise<void>;
}

let count = 0;

/** The account and its role must be there: `manifests/base/access.yaml`. */
export async function dnsAccount(plane: ControlPlane, options: TokenOptions = {}): Promise<DnsAccount> {
  const { folder, servingCertificate } = plane.files;
  const tokenFile = join(folder, `coredns-${++count}.token`);
  const kubeconfig = join(folder, `coredns-${count}.kubeconfig`);
  const rotate = async (renewed: TokenOptions = {}) => {
    writeFileSync(`${tokenFile}.new`, await plane.api.token('kube-system', 'coredns', renewed));
    renameSync(`${tokenFile}.new`, tokenFile);
  };
  await rotate(options);
  writeFileSync(kubeconfig, kubeconfigText({ server: plane.url, ca: servingCertificate, tokenFile }));
  return { kubeconfig, rotate };
}
