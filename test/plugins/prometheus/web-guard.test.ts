import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest, type ServerResponse } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { openRoute, respond } from '../../../src/plugins/http-listener.ts';
import { BasicAuth } from '../../../src/plugins/prometheus/basic-auth.ts';
import { prometheusPlugin } from '../../../src/plugins/prometheus/index.ts';
import { guarded } from '../../../src/plugins/prometheus/web-guard.ts';
import { ask, listeningPort } from '../../support/http.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

const PEM = join(import.meta.dirname, 'pem');
const TLS = `tls_server_config: {cert_file: ${PEM}/server.pem, key_file: ${PEM}/server.key}\n`;
const HEADERS = 'http_server_config: {headers: {X-Frame-Options: deny}}\n';
/** Made by libxcrypt: `correct horse` and `pässwörd`. */
const USERS = `basic_auth_users:
  alice: $2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2
  bob: $2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC
`;

const loads = vi.hoisted(() => ({ count: 0 }));
vi.mock('bcryptjs', async (original) => {
  loads.count += 1;
  return original();
});

let folder = '';
let setup: TestSetup;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corvidns-guard-'));
  setup = makeSetup({ plugin: 'prometheus' });
});
afterEach(async () => {
  await setup.shutdown(true);
  rmSync(folder, { recursive: true });
});

async function start(yaml: string): Promise<number> {
  writeFileSync(join(folder, 'web.yml'), yaml);
  setUp(prometheusPlugin, `prometheus 127.0.0.1:0 {\ntls ${folder}/web.yml\n}`, setup);
  await setup.start();
  return listeningPort(setup.lines);
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function scrape(port: number, authorization?: string, secure = false): Promise<Answer> {
  const options = {
    ...{ host: '127.0.0.1', port, path: '/metrics', agent: false },
    headers: authorization === undefined ? {} : { authorization },
    ...(secure && { ca: readFileSync(join(PEM, 'ca.pem')), servername: 'localhost' }),
  };
  return new Promise((resolve, reject) => {
    const asked = (secure ? secureRequest : plainRequest)(options, (response) => {
      const { statusCode: status, headers } = response;
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      response.on('end', () => resolve({ status, headers, body }));
    });
    asked.on('error', reject).end();
  });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ALICE = `Basic ${base64('alice:correct horse')}`;

test('bcrypt is loaded at the start, and only for users', async () => {
  expect((await scrape(await start(HEADERS))).status).toBe(200);
  expect(loads.count).toBe(0);
  await start(USERS);
  expect(loads.count).toBe(1);
});

describe.each([
  ['HTTP', false],
  ['HTTPS', true],
])('over %s', (_, secure) => {
  const configuration = `${secure ? TLS : ''}${HEADERS}${USERS}`;

  const admitted: [who: string, authorization: string][] = [
    ['alice', ALICE],
    ['bob, in UTF-8', `Basic ${base64('bob:pässwörd')}`],
    ['a scheme in lower case', ALICE.replace('Basic', 'basic')],
  ];
  test.each(admitted)('%s is admitted, again and again', async (_who, authorization) => {
    const port = await start(configuration);
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await scrape(port, authorization, secure);
      expect(status).toBe(200);
      expect(headers['x-frame-options']).toBe('deny');
      expect(body).toMatch(/^process_cpu_seconds_total /m);
    }
  });

  const refused: [what: string, authorization: string | undefined][] = [
    ['nothing', undefined],
    ['another scheme', `Bearer ${base64('alice:correct horse')}`],
    ['a scheme alone', 'Basic'],
    ['no base64', 'Basic alice:correct'],
    ['no colon', `Basic ${base64('alice')}`],
    ['a wrong password', `Basic ${base64('alice:correct mule')}`],
    ['an empty password', `Basic ${base64('alice:')}`],
    ["another user's password", `Basic ${base64('bob:correct horse')}`],
    ['an unknown user', `Basic ${base64('mallory:correct horse')}`],
    ['a name every object has', `Basic ${base64('constructor:correct horse')}`],
    ['the hash', `Basic ${base64('alice:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2')}`],
  ];
  test.each(refused)('%s is refused, also after somebody was admitted', async (_what, authorization) => {
    const port = await start(configuration);
    expect((await scrape(port, ALICE, secure)).status).toBe(200);
    const { status, headers, body } = await scrape(port, authorization, secure);
    expect({ status, body }).toEqual({ status: 401, body: 'Unauthorized\n' });
    expect(headers['www-authenticate']).toBe('Basic');
    expect(headers['x-frame-options']).toBe('deny');
  });
});

describe('comparisons under way', () => {
  const waiting: ((matches: boolean) => void)[] = [];
  const responses: ServerResponse[] = [];
  const credentials = (i: number) => `Basic ${base64(`alice:${i}`)}`;

  /** A guarded route whose comparisons end when the test says so. */
  async function open() {
    waiting.length = 0;
    responses.length = 0;
    const auth = new BasicAuth(
      new Map([['alice', 'a']]),
      () => new Promise((resolve) => void waiting.push(resolve)),
    );
    const handler = guarded(
      (_, response) => respond(response, 200, 'metrics'),
      { headers: new Map(), rateLimit: undefined },
      auth,
    );
    return openRoute({
      directive: 'prometheus',
      address: { host: '127.0.0.1', port: 0 },
      path: '/metrics',
      handler: (request, response) => {
        responses.push(response);
        handler(request, response);
      },
    });
  }

  test('beyond their bound cost others a 503', async () => {
    const route = await open();
    const { port } = route.address;
    const first = Array.from({ length: limits.basicAuthComparisons }, (_, i) => scrape(port, credentials(i)));
    await vi.waitUntil(() => waiting.length === limits.basicAuthComparisons);
    expect(await scrape(port, credentials(-1))).toMatchObject({
      status: 503,
      body: 'Service Unavailable\n',
    });
    for (const finish of waiting) finish(true);
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(first.map(() => 200));
    expect((await scrape(port, credentials(0))).status).toBe(200);
    await route.close();
  });

  test('outlive a client that hangs up', async () => {
    const route = await open();
    const { port } = route.address;
    const asked = plainRequest({
      ...{ host: '127.0.0.1', port, path: '/metrics', agent: false },
      headers: { authorization: credentials(0) },
    });
    const hungUp = new Promise((resolve) => asked.on('error', resolve));
    asked.end();
    await vi.waitUntil(() => waiting.length === 1);
    asked.destroy(new Error('gone'));
    await hungUp;
    await vi.waitUntil(() => responses[0]?.destroyed);
    waiting[0]?.(true);
    expect((await scrape(port)).status).toBe(401);
    await route.close();
  });
});

describe('rate_limit', () => {
  test('turns away what is above the burst, before it looks at the user', async () => {
    const port = await start(`${HEADERS}${USERS}rate_limit: {interval: 1h, burst: 2}\n`);
    expect((await scrape(port, ALICE)).status).toBe(200);
    expect((await scrape(port)).status).toBe(401);
    const { status, headers, body } = await scrape(port, ALICE);
    expect({ status, body }).toEqual({ status: 429, body: 'Too Many Requests\n' });
    expect(headers['x-frame-options']).toBe('deny');
  });

  test.each(['interval: 0, burst: 1', 'interval: 0s', 'burst: 1', ''])('{%s} is none', async (settings) => {
    const port = await start(`rate_limit: {${settings}}\n`);
    for (let i = 0; i < 3; i++) expect((await ask(port, '/metrics')).status).toBe(200);
  });
});
