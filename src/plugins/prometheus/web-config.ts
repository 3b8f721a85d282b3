/** The web configuration file of Prometheus's exporters, as `tls` names it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { parse } from 'yaml';
import { type RateLimit, readRateLimit } from './rate-limit.ts';
import { tlsParameters } from './tls-parameters.ts';
import { readUsers, type Users } from './web-users.ts';

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: WebTls | undefined;
  /** Set on every reply. */
  readonly headers: ReadonlyMap<string, string>;
  /** Empty: nobody has to say who they are. */
  readonly users: Users;
  /** Undefined: no limit. */
  readonly rateLimit: RateLimit | undefined;
}

export interface WebTls {
  readonly options: TlsOptions;
  readonly clientAuth: ClientAuth;
  /** Of these the client's certificate must carry one as a subject alternative name; empty: any. */
  readonly allowedSans: readonly string[];
  /** Files that were read, the configuration first. */
  readonly files: readonly string[];
}

const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuth = (typeof CLIENT_AUTH)[number];

const TOP = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];
const TLS = [
  ...['cert', 'key', 'client_ca', 'cert_file', 'key_file', 'client_ca_file', 'client_auth_type'],
  ...['client_allowed_sans', 'min_version', 'max_version', 'cipher_suites', 'curve_preferences'],
  'prefer_server_cipher_suites',
];
const HTTP = ['http2', 'headers'];
const RATE_LIMIT = ['interval', 'burst'];
const HEADERS = [
  'Content-Security-Policy',
  'X-Frame-Options',
  'X-Content-Type-Options',
  'X-XSS-Protection',
  'Strict-Transport-Security',
];

/** @throws {Error} one line: what is wrong in which file */
export function readWebConfig(path: string): WebConfig {
  const content = parseYaml(path);
  const top = section(content, '', TOP, path);
  const http = section(top.http_server_config, 'http_server_config', HTTP, path);
  return {
    tls: readTls(section(top.tls_server_config, 'tls_server_config', TLS, path), path),
    headers: readHeaders(section(http.headers, 'headers', HEADERS, path), path),
    users: readUsers(section(top.basic_auth_users, 'basic_auth_users', undefined, path), path),
    rateLimit: readRateLimit(section(top.rate_limit, 'rate_limit', RATE_LIMIT, path), path),
  };
}

type Section = Readonly<Record<string, unknown>>;

function parseYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error(`TLS config file does not exist: ${path}`);
    }
    throw new Error(`${path}: ${firstLine(error)}`);
  }
}

function readTls(tls: Section, path: string): WebTls | undefined {
  if (Object.keys(tls).length === 0) return undefined;
  const files = [path];
  const text = (key: string) => textOf(tls, key, path);
  const pem = (key: string) => {
    const inline = text(key);
    const file = text(`${key}_file`);
    if (inline !== undefined && file !== undefined) {
      throw new Error(`${path}: ${key} and ${key}_file exclude each other`);
    }
    if (file === undefined) return inline;
    const absolute = resolve(dirname(path), file);
    files.push(absolute);
    return readPem(absolute);
  };
  const [cert, key, ca] = [pem('cert'), pem('key'), pem('client_ca')];
  if (cert === undefined) throw new Error(`${path}: missing one of cert or cert_file`);
  if (key === undefined) throw new Error(`${path}: missing one of key or key_file`);
  const clientAuth = readClientAuth(text('client_auth_type'), path);
  if (ca !== undefined && clientAuth === 'NoClientCert') {
    throw new Error(`${path}: a client CA is given, but client_auth_type is not`);
  }
  return {
    options: {
      cert,
      key,
      ca,
      ...tlsParameters(tls, path),
      requestCert: clientAuth !== 'NoClientCert',
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    },
    clientAuth,
    allowedSans: listOf(tls, 'client_allowed_sans', path),
    files,
  };
}

function readClientAuth(text: string | undefined, path: string): ClientAuth {
  if (text === undefined) return 'NoClientCert';
  const known = CLIENT_AUTH.find((type) => type === text);
  if (known === undefined) throw new Error(`${path}: invalid client_auth_type: ${text}`);
  return known;
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(firstLine(error));
  }
}

function readHeaders(headers: Section, path: string): ReadonlyMap<string, string> {
  const set = new Map<string, string>();
  for (const name of Object.keys(headers)) {
    const value = textOf(headers, name, path);
    if (value !== undefined) set.set(name, value);
  }
  return set;
}

/** @param known undefined: any key */
function section(value: unknown, name: string, known: readonly string[] | undefined, path: string): Section {
  if (!isSet(value)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`${path}: ${name || 'the file'} must hold keys and values`);
  }
  for (const key of Object.keys(value as object)) {
    if (known?.includes(key) === false) throw new Error(`${path}: unknown field '${key}'`);
  }
  return value as Section;
}

/** A string, undefined where the key is missing or empty. */
function textOf(from: Section, key: string, path: string): string | undefined {
  const value = from[key];
  if (!isSet(value) || value === '') return undefined;
  if (typeof value !== 'string') throw new Error(`${path}: ${key} must be a text`);
  return value;
}

function listOf(from: Section, key: string, path: string): readonly string[] {
  const value = from[key];
  if (!isSet(value)) return [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new Error(`${path}: ${key} must be a list of texts`);
  }
  return value as string[];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
