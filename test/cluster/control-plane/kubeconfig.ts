/** Kubeconfig files. */

export type KubeconfigParts = {
  readonly server: string;
  /** File of the CA certificate. */
  readonly ca: string;
} & ({ readonly token: string } | { readonly tokenFile: string });

export function kubeconfigText({ server, ca, ...user }: KubeconfigParts): string {
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
