/** What can go wrong with a request to the API server, and what the operator can do about it. */
import { STATUS_CODES } from 'node:http';
import { limits } from '../../../limits.ts';
import type { Resource } from './resources.ts';

export type Trouble =
  | 'refused'
  | 'unreachable'
  | 'unknown-host'
  | 'tls'
  | 'broken-off'
  | 'stalled'
  | 'credentials'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'throttled'
  | 'server-error'
  | 'other-status'
  | 'bad-answer'
  | 'page-too-large'
  | 'event-too-large'
  | 'unexpected';

export class ApiFailure extends Error {
  readonly trouble: Trouble;
  /** HTTP status, or the code of a `Status`; 0 where the server said nothing. */
  readonly status: number;
  /** What the server asked to wait; 0 where it did not ask. */
  readonly retryAfterMs: number;

  constructor(trouble: Trouble, message: string, status = 0, retryAfterMs = 0) {
    super(message);
    this.name = 'ApiFailure';
    this.trouble = trouble;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Two failures of one sort are worth one log line. */
  get sort(): string {
    return `${this.trouble} ${this.status}`;
  }
}

/** The failure that an HTTP status, or an ERROR event of a watch, stands for. */
export function statusFailure(status: number, serverSays: string, retryAfter = ''): ApiFailure {
  const name = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const said = printable(serverSays);
  const message = said === '' ? name : `${name}: ${said}`;
  return new ApiFailure(troubleOfStatus(status), message, status, retryAfterMs(retryAfter));
}

function troubleOfStatus(status: number): Trouble {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server-error' : 'other-status';
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(header: string): number {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? 0 : Math.max(0, moment - Date.now());
}

/** Whatever was thrown on the way of a request, as a failure. */
export function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : String(error);
  // Several addresses tried: the error of them all has a code and no message.
  const said = printable(text === '' ? code : text);
  return new ApiFailure(troubleOfCode(code), said === '' ? 'an error without a message' : said);
}

function troubleOfCode(code: string): Trouble {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'unknown-host';
  if (/^(EHOST|ENET)|^ETIMEDOUT$|^EADDRNOTAVAIL$/.test(code)) return 'unreachable';
  if (/^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) return 'broken-off';
  if (code.startsWith('HPE_')) return 'bad-answer';
  // Node.js gives OpenSSL's verification results as codes of their own.
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL)|^EPROTO$|CERT|CRL|SIGNATURE|^HOSTNAME_MISMATCH$/.test(code)) return 'tls';
  return 'unexpected';
}

/** What the operator can do; empty where there is nothing. */
export function adviceFor(failure: ApiFailure, resource: Resource): string {
  const group = resource.group === '' ? '' : ` of ${resource.group}`;
  switch (failure.trouble) {
    case 'refused':
      return 'check that the API server runs and listens at this address';
    case 'unreachable':
      return 'check routes, network policies and firewalls on the way to the API server';
    case 'unknown-host':
      return "check the host name and this machine's own resolver";
    case 'tls':
      return 'check the CA certificate, the client certificate and the host name that the API server certifies';
    case 'broken-off':
    case 'stalled':
      return 'check the API server and what stands between';
    case 'unauthorized':
      return 'check that the token or client certificate is current and of this cluster';
    case 'forbidden':
      return `grant list and watch on ${resource.plural}${group} to the service account`;
    case 'not-found':
      return missingAdvice(resource);
    case 'bad-answer':
      return 'check that the address is that of a Kubernetes API server, and what stands between';
    case 'page-too-large':
    case 'event-too-large':
      return `look for an oversized object among ${resource.plural}`;
    default:
      return '';
  }
}

function missingAdvice(resource: Resource): string {
  if (resource.kind === 'ServiceImport') {
    return 'install the CRDs of the Multi-Cluster Services API, or remove multicluster from the Corefile';
  }
  return `the API server does not offer ${resource.group}/${resource.version} ${resource.plural}`.replace(
    ' /',
    ' ',
  );
}

/** Text from elsewhere, fit for one log line. */
function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, limits.apiErrorTextChars);
}
