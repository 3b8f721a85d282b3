/** From the operator's settings to one API server and the one who asks it. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Cluster, User } from '@kubernetes/client-node';
import { SourceError } from '../../source.ts';

export type Library = typeof import('./library.ts');

/** At most one of `kubeconfig` and `endpoint` counts, in this order; with neither the pod's own account is used. */
export interface Access {
  readonly kubeconfig?: { readonly file: string; readonly context?: string | undefined } | undefined;
  /** URL of the API server; without a scheme it is `https` where `tls` is given, else `http`. */
  readonly endpoint?: string | undefined;
  /** PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
}

/** What the kubelet gives a pod. */
export interface PodSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Holds `token` and `ca.crt`. */
  readonly serviceAccountDirectory: string;
}

export interface Identity {
  readonly cluster: Cluster;
  readonly user: User;
}

const OUT_OF_CLUSTER = 'outside a cluster set kubeconfig or endpoint in the Corefile';

/** @throws {SourceError} settings that cannot work, unreadable files included */
export function identityFor(library: Library, access: Access, pod: PodSurroundings): Identity {
  const identity = choose(library, access, pod);
  checkServer(identity.cluster.server);
  checkTls(library, identity);
  return identity;
}

function choose(library: Library, access: Access, pod: PodSurroundings): Identity {
  if (access.kubeconfig !== undefined) {
    return fromKubeconfig(library, access.kubeconfig.file, access.kubeconfig.context);
  }
  return access.endpoint === undefined ? fromPod(pod) : fromEndpoint(access.endpoint, access.tls);
}

function fromPod({ environment, serviceAccountDirectory }: PodSurroundings): Identity {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment;
  if (host === '' || port === '') {
    throw new SourceError(
      `cannot find the API server: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; ${OUT_OF_CLUSTER}`,
    );
  }
  const tokenFile = join(serviceAccountDirectory, 'token');
  readable('the service account token', tokenFile);
  return {
    cluster: {
      name: 'cluster',
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      caFile: join(serviceAccountDirectory, 'ca.crt'),
      skipTLSVerify: false,
    },
    user: withTokenFile({ name: 'pod' }, tokenFile),
  };
}

function fromEndpoint(endpoint: string, tls: Access['tls']): Identity {
  const url = endpoint.includes('://') ? endpoint : `${tls === undefined ? 'http' : 'https'}://${endpoint}`;
  const server = url.replace(/\/+$/, '');
  return {
    cluster: { name: 'cluster', server, skipTLSVerify: false, ...(tls && { caFile: tls.ca }) },
    user: { name: 'user', ...(tls && { certFile: tls.cert, keyFile: tls.key }) },
  };
}

function fromKubeconfig(library: Library, file: string, wanted: string | undefined): Identity {
  const text = readable('kubeconfig', file).toString('utf8');
  const config = new library.KubeConfig();
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(file));
  } catch (error) {
    throw new SourceError(`${file} is not a kubeconfig: ${firstLine(error)}; check the file`);
  }
  const name = wanted ?? config.getCurrentContext();
  const context = config.getContextObject(name);
  if (context === null) {
    const known = config.getContexts().map((each) => each.name);
    const choice = known.length === 0 ? 'the file has none' : `use one of ${known.join(', ')}`;
    throw new SourceError(`kubeconfig ${file} has no context "${name ?? ''}"; ${choice}`);
  }
  const cluster = config.getCluster(context.cluster);
  if (cluster === null) {
    throw new SourceError(
      `kubeconfig ${file}: context "${name}" names the cluster "${context.cluster}", which is not there; add it`,
    );
  }
  if (!context.user) return { cluster, user: { name: 'anonymous' } };
  const user = config.getUser(context.user);
  if (user === null) {
    throw new SourceError(
      `kubeconfig ${file}: context "${name}" names the user "${context.user}", who is not there; add the user`,
    );
  }
  return { cluster, user: withItsTokenFile(library, user, text, file) };
}

/** The library does not know the field `tokenFile` of a user. */
function withItsTokenFile(library: Library, user: User, text: string, file: string): User {
  interface Entry {
    readonly name?: string;
    readonly user?: { readonly tokenFile?: string };
  }
  const entries = library.loadYaml<{ users?: Entry[] }>(text).users ?? [];
  const tokenFile = entries.find((entry) => entry.name === user.name)?.user?.tokenFile;
  if (tokenFile === undefined) return user;
  const path = library.makeAbsolutePath(dirname(file), tokenFile);
  readable(`the token of user "${user.name}"`, path);
  return withTokenFile(user, path);
}

/** A token that is read again as it rotates. It takes the place of a fixed one. */
function withTokenFile({ token: _, ...user }: User, tokenFile: string): User {
  return { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

function checkServer(server: string): void {
  const url = URL.parse(server);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname !== '') return;
  throw new SourceError(`"${server}" is not the address of an API server; write it as https://host:port`);
}

/** Reads what TLS needs once, so that a mistake shows at the start and not as a failed handshake. */
function checkTls({ bufferFromFileOrString }: Library, { cluster, user }: Identity): void {
  const parts = [
    { what: 'the CA certificate', file: cluster.caFile, data: cluster.caData, option: 'ca' },
    { what: 'the client certificate', file: user.certFile, data: user.certData, option: 'cert' },
    { what: 'the client key', file: user.keyFile, data: user.keyData, option: 'key' },
  ] as const;
  for (const { what, file, data, option } of parts) {
    const pem = file ? readable(what, file) : bufferFromFileOrString(undefined, data);
    if (pem === null) continue;
    try {
      // A secure context passes over a CA that it cannot read.
      if (option === 'ca') new X509Certificate(pem);
      else createSecureContext({ [option]: pem });
    } catch (error) {
      const where = file || 'the kubeconfig';
      throw new SourceError(`${what} in ${where} is not valid PEM: ${firstLine(error)}; replace it`);
    }
  }
}

function readable(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SourceError(
      `cannot read ${what}: ${firstLine(error)}; check that the file is mounted and readable`,
    );
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
