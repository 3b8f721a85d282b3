import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRoute, respond } from '../../../src/plugins/http-listener.ts';
import { prometheusPlugin } from '../../../src/plugins/prometheus/index.ts';
import { ask, freePort, listeningPort } from '../../support/http.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

const PEM = join(import.meta.dirname, 'pem');
const pem = (name: string) => readFileSync(join(PEM, name), 'utf8');
const HASH = '$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2';
const CERT = `cert_file: ${PEM}/server.pem, key_file: ${PEM}/server.key`;

let folder = '';
let setup: TestSetup;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corvidns-web-'));
  setup = makeSetup({ plugin: 'prometheus' });
});
afterEach(async () => {
  await setup.shutdown(true);
  rmSync(folder, { recursive: true });
});

/** Sets the endpoint up with a web configuration file. */
function configure(yaml: string): void {
  writeFileSync(join(folder, 'web.yml'), yaml);
  setUp(prometheusPlugin, `prometheus 127.0.0.1:0 {\ntls ${folder}/web.yml\n}`, setup);
}

async function start(yaml: string): Promise<number> {
  configure(yaml);
  await setup.start();
  return listeningPort(setup.lines);
}

interface Scrape {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly socket: TLSSocket;
  readonly subject: string | undefined;
}

/** Scrapes as a client with the given TLS options; rejects where the server hangs up. */
function scrape(port: number, options: ConnectionOptions = {}): Promise<Scrape> {
  return new Promise((resolve, reject) => {
    const tls = { ca: pem('ca.pem'), servername: 'localhost', agent: false as const, ...options };
    const asked = request({ host: '127.0.0.1', port, path: '/metrics', ...tls } as object, (response) => {
      const socket = response.socket as TLSSocket;
      const subject = socket.getPeerX509Certificate()?.subject;
      response
        .resume()
        .on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, socket, subject }),
        );
    });
    asked.on('error', reject).end();
  });
}

const asClient = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });

describe('the server', () => {
  test('shows its certificate and sets the headers', async () => {
    const port = await start(
      `tls_server_config: {${CERT}}\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-XSS-Protection: ""\n`,
    );
    const { status, headers, subject } = await scrape(port);
    expect({ status, subject }).toEqual({ status: 200, subject: 'CN=server' });
    expect(headers['x-frame-options']).toBe('deny');
    expect(headers).not.toHaveProperty('x-xss-protection');
  });

  test('takes inline certificates, and file names relative to the configuration', async () => {
    for (const name of ['server.key', 'ca.pem']) copyFileSync(join(PEM, name), join(folder, name));
    const cert = JSON.stringify(pem('server.pem'));
    const auth = 'client_ca_file: ca.pem, client_auth_type: VerifyClientCertIfGiven';
    const port = await start(`tls_server_config: {cert: ${cert}, key_file: server.key, ${auth}}\n`);
    expect((await scrape(port)).status).toBe(200);
  });

  test('shows a renewed certificate to the next connection, and keeps the old one if the new is broken', async () => {
    const put = (name: string) => {
      copyFileSync(join(PEM, `${name}.pem`), join(folder, 'tls.pem'));
      copyFileSync(join(PEM, `${name}.key`), join(folder, 'tls.key'));
    };
    put('server');
    const port = await start('tls_server_config: {cert_file: tls.pem, key_file: tls.key}\n');
    expect((await scrape(port)).subject).toBe('CN=server');
    put('renewed');
    expect((await scrape(port)).subject).toBe('CN=renewed');
    writeFileSync(join(folder, 'tls.pem'), 'half a file');
    expect((await scrape(port)).subject).toBe('CN=renewed');
    expect(setup.lines.at(-1)).toMatch(
      /^\[WARNING\] plugin\/prometheus: .*web\.yml: certificate and key can not be used: .*; the certificates read before stay in use$/,
    );
  });

  test('without a certificate speaks plain HTTP', async () => {
    const port = await start(
      'http_server_config: {http2: true, headers: {X-Content-Type-Options: nosniff}}\n',
    );
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    await response.text();
  });
});

describe('an address that is open', () => {
  const metrics = (port: number, block: string) => `prometheus 127.0.0.1:${port} ${block}`;

  test('without TLS can not be joined with it', async () => {
    const port = await freePort();
    const plain = await openRoute({
      directive: 'health',
      address: { host: '127.0.0.1', port },
      path: '/health',
      handler: (_, response) => respond(response, 200, 'OK'),
    });
    writeFileSync(join(folder, 'web.yml'), `tls_server_config: {${CERT}}\n`);
    setUp(prometheusPlugin, metrics(port, `{\ntls ${folder}/web.yml\n}`), setup);
    await expect(setup.start()).rejects.toThrow(
      `listen tcp 127.0.0.1:${port}: the address is open with other TLS settings: give prometheus an address of its own`,
    );
    await plain.close();
  });

  test('to all can not be joined by a block that has users, until it is closed', async () => {
    const [port, plain] = [await freePort(), makeSetup()];
    setUp(prometheusPlugin, metrics(port, ''), plain);
    await plain.start();
    writeFileSync(join(folder, 'web.yml'), `basic_auth_users: {alice: ${HASH}}\n`);
    setUp(prometheusPlugin, metrics(port, `{\ntls ${folder}/web.yml\n}`), setup);
    await expect(setup.start()).rejects.toThrow(
      `listen tcp 127.0.0.1:${port}: the address is open with another tls option: give prometheus an address of its own`,
    );
    await plain.shutdown(true);
    await setup.start();
    expect((await ask(port, '/metrics')).status).toBe(401);
  });

  test('takes the users of a new instance once the old one is gone', async () => {
    const [port, old] = [await freePort(), makeSetup()];
    writeFileSync(join(folder, 'web.yml'), 'http_server_config: {http2: true}\n');
    setUp(prometheusPlugin, metrics(port, `{\ntls ${folder}/web.yml\n}`), old);
    await old.start();
    expect((await ask(port, '/metrics')).status).toBe(200);
    writeFileSync(join(folder, 'web.yml'), `basic_auth_users: {alice: ${HASH}}\n`);
    setUp(prometheusPlugin, metrics(port, `{\ntls ${folder}/web.yml\n}`), setup);
    await setup.start();
    await old.shutdown(true);
    expect((await ask(port, '/metrics')).status).toBe(401);
  });
});

describe('versions and suites', () => {
  const cases: [settings: string, client: ConnectionOptions, protocol: string, cipher?: string][] = [
    ['', {}, 'TLSv1.3'],
    ['max_version: TLS12', {}, 'TLSv1.2'],
    ['', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    [
      'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]',
      { maxVersion: 'TLSv1.2' },
      'TLSv1.2',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
    ],
    [
      'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384], curve_preferences: [CurveP256]',
      {},
      'TLSv1.3',
    ],
  ];
  test.each(cases)('{%s} for a client of %j', async (settings, client, protocol, cipher) => {
    const port = await start(`tls_server_config: {${CERT}${settings && `, ${settings}`}}\n`);
    const seen = await new Promise<{ protocol: string | null; cipher: string }>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: pem('ca.pem'), ...client }, () => {
        resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().name });
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect(seen.protocol).toBe(protocol);
    if (cipher !== undefined) expect(seen.cipher).toBe(cipher);
  });

  test('a client below min_version is refused', async () => {
    const port = await start(`tls_server_config: {${CERT}, min_version: TLS13}\n`);
    await expect(scrape(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });
});

describe('clients', () => {
  const CA = `client_ca_file: ${PEM}/ca.pem`;
  const [none, known, unknown] = [{}, asClient('client'), asClient('stranger')];
  const cases: [settings: string, none: boolean, known: boolean, unknown: boolean][] = [
    ['client_auth_type: NoClientCert', true, true, true],
    ['client_auth_type: RequestClientCert', true, true, true],
    ['client_auth_type: RequireAnyClientCert', false, true, true],
    [`client_auth_type: VerifyClientCertIfGiven, ${CA}`, true, true, false],
    [`client_auth_type: RequireAndVerifyClientCert, ${CA}`, false, true, false],
    [
      `client_auth_type: RequireAndVerifyClientCert, ${CA}, client_allowed_sans: [scraper.example]`,
      false,
      true,
      false,
    ],
    [
      `client_auth_type: RequireAndVerifyClientCert, ${CA}, client_allowed_sans: [other]`,
      false,
      false,
      false,
    ],
  ];
  test.each(cases)('%s: none %s, known %s, unknown %s', async (settings, ...admitted) => {
    const port = await start(`tls_server_config: {${CERT}, ${settings}}\n`);
    const seen = await Promise.all(
      [none, known, unknown].map((client) =>
        scrape(port, client).then(
          ({ status }) => status === 200,
          () => false,
        ),
      ),
    );
    expect(seen).toEqual(admitted);
  });
});

describe('mistakes', () => {
  const cases: [yaml: string, message: string][] = [
    ['tls_server_config: [', 'web.yml: '],
    ['- a list', 'web.yml: the file must hold keys and values'],
    ['tls: {}', "web.yml: unknown field 'tls'"],
    [`tls_server_config: {${CERT}, certificate: x}`, "unknown field 'certificate'"],
    ['http_server_config: {headers: {Server: x}}', "unknown field 'Server'"],
    [`tls_server_config: {key_file: ${PEM}/server.key}`, 'missing one of cert or cert_file'],
    [`tls_server_config: {cert_file: ${PEM}/server.pem}`, 'missing one of key or key_file'],
    [`tls_server_config: {${CERT}, cert: x}`, 'cert and cert_file exclude each other'],
    [
      `tls_server_config: {cert_file: /no/such.pem, key_file: ${PEM}/server.key}`,
      "no such file or directory, open '/no/such.pem'",
    ],
    [`tls_server_config: {${CERT}, client_auth_type: Maybe}`, 'invalid client_auth_type: Maybe'],
    [
      `tls_server_config: {${CERT}, client_ca_file: ${PEM}/ca.pem}`,
      'a client CA is given, but client_auth_type is not',
    ],
    [`tls_server_config: {${CERT}, min_version: SSL3}`, 'unknown TLS version: SSL3'],
    [`tls_server_config: {${CERT}, cipher_suites: [RC4]}`, 'unknown cipher suite: RC4'],
    [`tls_server_config: {${CERT}, curve_preferences: [Curve1]}`, 'unknown curve: Curve1'],
    [`tls_server_config: {${CERT}, prefer_server_cipher_suites: 1}`, 'must be true or false'],
    ['basic_auth_users: [alice]', 'basic_auth_users must hold keys and values'],
    ...[
      '$2y$10$x',
      'secret',
      '""',
      '12',
      'null',
      HASH.replace('$2y', '$2x'),
      HASH.replace('$05', '$03'),
      HASH.replace('$05', '$32'),
      HASH.replace('uu', 'uv'),
      `${HASH}.`,
    ].map((hash): [string, string] => [
      `basic_auth_users: {bob: ${HASH}, alice: ${hash}}`,
      'web.yml: basic_auth_users: the password of "alice" is not a bcrypt hash: make one with htpasswd',
    ]),
    [
      `basic_auth_users: {alice: ${HASH.replace('$05', '$15')}}`,
      'the password of "alice" is hashed at cost 15: at most 14 is checked in time',
    ],
    ['rate_limit: {interval: 1s, rate: 1}', "unknown field 'rate'"],
    ['rate_limit: {interval: 1s}', 'rate_limit: burst must be a whole number of 1 or more'],
    ['rate_limit: {interval: 1s, burst: 0}', 'rate_limit: burst must be a whole number of 1 or more'],
    ['rate_limit: {interval: 1s, burst: 1.5}', 'rate_limit: burst must be a whole number of 1 or more'],
    ['rate_limit: {interval: 5, burst: 1}', 'rate_limit: interval: time: missing unit in duration "5"'],
    ['rate_limit: {interval: -1s, burst: 1}', 'rate_limit: interval must not be negative'],
  ];
  test.each(cases)('%s', (yaml, message) => {
    expect(() => configure(yaml)).toThrow(message);
  });

  test('are one line that does not show the hash, whatever the name', () => {
    let message = '';
    try {
      configure('basic_auth_users: {"two\\nlines": hunter2}\n');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^.*the password of "two\\nlines" is not a bcrypt hash.*$/);
    expect(message).not.toContain('hunter2');
  });

  test('a key of another certificate ends the start', async () => {
    configure(`tls_server_config: {cert_file: ${PEM}/server.pem, key_file: ${PEM}/client.key}\n`);
    await expect(setup.start()).rejects.toThrow('web.yml: certificate and key can not be used: ');
  });
});
