/** `tls [CERT KEY] [CA]`: the files are read and checked while the Corefile is. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import { underRoot } from '../text-file.ts';

/** What a TLS client needs; all text is PEM. */
export interface ClientTls {
  readonly cert?: string;
  readonly key?: string;
  /** Undefined: the authorities that the system trusts. */
  readonly ca?: string;
}

export interface TlsFiles {
  readonly tls: ClientTls;
  /** What the operator should know of, though it is no mistake. */
  readonly warnings: readonly string[];
}

/** As CoreDNS counts: none, CA, CERT KEY, CERT KEY CA. @throws {CorefileError} at the file that does not fit */
export function readTlsFiles(property: Directive, root: string): TlsFiles {
  const [first, second, third, ...more] = property.args;
  if (more.length > 0) throw argumentError(property);
  if (first === undefined) return { tls: {}, warnings: [] };
  if (second === undefined) return readAuthorities(first, root);
  const cert = readPem(first, root, 'could not load TLS cert');
  const key = readPem(second, root, 'could not load TLS cert');
  const [certificate] = certificatesIn(cert, first, 'could not load TLS cert');
  checkKey(certificate, key, first, second);
  const authorities = third === undefined ? undefined : readAuthorities(third, root);
  return {
    tls: { cert, key, ...authorities?.tls },
    warnings: [...expiryOf(certificate, first), ...(authorities?.warnings ?? [])],
  };
}

function readAuthorities(token: Token, root: string): TlsFiles {
  const ca = readPem(token, root, 'error reading');
  const certificates = certificatesIn(ca, token, 'could not read root certs');
  return { tls: { ca }, warnings: certificates.flatMap((certificate) => expiryOf(certificate, token)) };
}

function readPem(token: Token, root: string, problem: string): string {
  const path = underRoot(token.text, root);
  try {
    const { size } = statSync(path);
    if (size > limits.pemFileBytes) throw new Error(`${size} bytes: at most ${limits.pemFileBytes} are read`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errorAt(token, `${problem} ${path}: ${(error as Error).message}`);
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** At least one. */
function certificatesIn(pem: string, token: Token, problem: string): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...rest] = (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
    if (first === undefined) throw new Error('no certificate in PEM form');
    return [first, ...rest];
  } catch (error) {
    throw errorAt(token, `${problem}: ${token.text}: ${(error as Error).message}`);
  }
}

function checkKey(certificate: X509Certificate, key: string, certToken: Token, keyToken: Token): void {
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const why = key.includes('PRIVATE KEY-----') ? (error as Error).message : 'no private key in PEM form';
    throw errorAt(keyToken, `could not load TLS cert: ${keyToken.text}: ${why}`);
  }
  if (fits) return;
  throw errorAt(
    keyToken,
    `could not load TLS cert: private key ${keyToken.text} does not match the certificate ${certToken.text}`,
  );
}

/** No mistake: who would start again on the day after must not be without DNS. */
function expiryOf({ validToDate }: X509Certificate, token: Token): string[] {
  if (validToDate.getTime() > Date.now()) return [];
  return [`certificate ${token.text} expired on ${validToDate.toISOString()}`];
}
