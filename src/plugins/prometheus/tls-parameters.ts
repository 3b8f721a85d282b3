/** Go's names of TLS versions, cipher suites and curves, as web configuration files have them, for OpenSSL. */
import type { SecureVersion, TlsOptions } from 'node:tls';

type Section = Readonly<Record<string, unknown>>;

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** Always on where TLS 1.3 is: there Go lets nobody choose. */
const TLS13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
};

const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
};

/** @throws {Error} one line: what is wrong in which file */
export function tlsParameters(tls: Section, path: string): TlsOptions {
  const suites = translate(tls, 'cipher_suites', 'cipher suite', SUITES, path, TLS13_SUITES);
  const curves = translate(tls, 'curve_preferences', 'curve', CURVES, path);
  const prefer = tls.prefer_server_cipher_suites ?? true;
  if (typeof prefer !== 'boolean') {
    throw new Error(`${path}: prefer_server_cipher_suites must be true or false`);
  }
  return {
    minVersion: version(tls.min_version ?? 'TLS12', path),
    maxVersion: version(tls.max_version ?? 'TLS13', path),
    honorCipherOrder: prefer,
    ...(suites.length > 0 && { ciphers: [...TLS13_SUITES, ...suites].join(':') }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
}

function version(name: unknown, path: string): SecureVersion {
  const known = typeof name === 'string' && Object.hasOwn(VERSIONS, name) ? VERSIONS[name] : undefined;
  if (known === undefined) throw new Error(`${path}: unknown TLS version: ${name}`);
  return known;
}

function translate(
  tls: Section,
  key: string,
  what: string,
  table: Readonly<Record<string, string>>,
  path: string,
  implied: readonly string[] = [],
): string[] {
  const names: unknown = tls[key] ?? [];
  if (!Array.isArray(names)) throw new Error(`${path}: ${key} must be a list`);
  return names
    .filter((name) => !implied.includes(name))
    .map((name) => {
      const known = Object.hasOwn(table, name) ? table[name] : undefined;
      if (known === undefined) throw new Error(`${path}: unknown ${what}: ${name}`);
      return known;
    });
}
