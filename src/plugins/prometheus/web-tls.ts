/** A web configuration at work: certificates follow their files, clients are checked as it says. */
import { statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Logger } from '../../telemetry/logger.ts';
import type { SecureListener } from '../http-listener.ts';
import { readWebConfig, type WebTls } from './web-config.ts';

/** @throws {Error} one line, where certificate and key do not fit */
export function secureListener(path: string, tls: WebTls, log: Logger): SecureListener {
  checkContext(path, tls);
  let current = tls;
  let stamp = fileStamp(tls.files);
  return {
    identity: path,
    options: tls.options,
    refresh(): SecureContextOptions | undefined {
      const seen = fileStamp(current.files);
      if (seen === stamp) return undefined;
      stamp = seen;
      try {
        const changed = readWebConfig(path).tls;
        if (changed === undefined) throw new Error(`${path}: TLS can not be turned off before a restart`);
        checkContext(path, changed);
        current = changed;
        return changed.options;
      } catch (error) {
        log.warning(`${(error as Error).message}; the certificates read before stay in use`);
        return undefined;
      }
    },
    admits: (socket) => admits(socket, current),
  };
}

/** Node finds a key that does not fit only here. */
function checkContext(path: string, tls: WebTls): void {
  try {
    createSecureContext(tls.options);
  } catch (error) {
    throw new Error(`${path}: certificate and key can not be used: ${(error as Error).message}`);
  }
}

/** Changes with any of the files: a mounted Secret is replaced by a new file of a new time. */
function fileStamp(files: readonly string[]): string {
  const stamps = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
  });
  return stamps.join('|');
}

/** What Node itself does not check: it knows only "no", "if given" and "required and verified". */
function admits(socket: TLSSocket, tls: WebTls): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return (
      ['NoClientCert', 'RequestClientCert', 'VerifyClientCertIfGiven'].includes(tls.clientAuth) &&
      tls.allowedSans.length === 0
    );
  }
  if (tls.clientAuth === 'VerifyClientCertIfGiven' && !socket.authorized) return false;
  if (tls.allowedSans.length === 0) return true;
  // `DNS:name, IP Address:192.0.2.1, URI:...`
  const names = certificate.subjectAltName?.split(', ').map((san) => san.slice(san.indexOf(':') + 1)) ?? [];
  return names.some((name) => tls.allowedSans.includes(name));
}
