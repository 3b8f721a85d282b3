/** Turns an identity into what each single request needs, and keeps up with files that rotate. */
import type { Agent, RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiFailure, failureOf } from './failure.ts';
import { type Access, type Identity, identityFor, type Library, type PodSurroundings } from './identity.ts';

export interface Connection {
  /** URL without a slash at its end. */
  readonly server: string;
  /** Headers and TLS; an agent only where a proxy is to be used. */
  readonly options: RequestOptions;
}

export class Credentials {
  readonly #load: () => { config: KubeConfig; identity: Identity };
  #config: KubeConfig;
  #identity: Identity;
  #stale = false;

  private constructor(load: () => { config: KubeConfig; identity: Identity }) {
    this.#load = load;
    ({ config: this.#config, identity: this.#identity } = load());
  }

  /**
   * The library is imported here and not before: it is large.
   * @throws {SourceError} settings that cannot work
   */
  static async load(access: Access, pod: PodSurroundings): Promise<Credentials> {
    const library = await import('./library.ts');
    return new Credentials(() => {
      const identity = identityFor(library, access, pod);
      return { config: configFor(library, identity), identity };
    });
  }

  get server(): string {
    return this.#identity.cluster.server;
  }

  /** Certificate files are read for every request, the token file every minute. */
  async connection(): Promise<Connection> {
    try {
      if (this.#stale) ({ config: this.#config, identity: this.#identity } = this.#load());
      this.#stale = false;
      const options: RequestOptions = { headers: {} };
      await this.#config.applyToHTTPSOptions(options);
      return { server: this.server, options: withOwnAgent(options, this.#identity) };
    } catch (error) {
      throw new ApiFailure('credentials', failureOf(error).message);
    }
  }

  /** The server did not take them: the next request reads kubeconfig, token and certificates anew. */
  distrust(): void {
    this.#stale = true;
  }
}

function configFor(library: Library, { cluster, user }: Identity): KubeConfig {
  const config = new library.KubeConfig();
  // The library takes plain HTTP only from one who asks for no verification.
  const skipTLSVerify = cluster.skipTLSVerify || cluster.server.startsWith('http:');
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify }, user);
  return config;
}

/** The library's agent keeps the TLS options of its first request for ever: it stays for the sake of a proxy only. */
function withOwnAgent({ agent, headers, ...options }: RequestOptions, identity: Identity): RequestOptions {
  const authorization = (headers as Record<string, string | undefined>).Authorization;
  return {
    ...options,
    // A token file may end in a newline, which no header may hold.
    headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization.trim() }) },
    ...(identity.cluster.proxyUrl && { agent: agent as Agent }),
  };
}
