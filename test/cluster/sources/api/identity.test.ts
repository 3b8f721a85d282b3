import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as library from '@kubernetes/client-node';
import { afterAll, expect, test } from 'vitest';
import { SourceError } from '../../../../src/cluster/source.ts';
import {
  type Access,
  identityFor,
  type PodSurroundings,
} from '../../../../src/cluster/sources/api/identity.ts';
import { fixture } from './fake-api-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'corvidns-identity-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const inCluster = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
const outside: PodSurroundings = { environment: {}, serviceAccountDirectory: '/nowhere' };
const ca = fixture('ca.pem');
const cert = fixture('client.pem');
const key = fixture('client.key');
const garbage = file('garbage.pem', 'not a certificate');

const KUBECONFIG = `
apiVersion: v1
kind: Config
current-context: home
contexts:
- {name: home, context: {cluster: here, user: me}}
- {name: nobody, context: {cluster: here}}
- {name: astray, context: {cluster: nowhere, user: me}}
- {name: stranger, context: {cluster: here, user: stranger}}
- {name: rotating, context: {cluster: here, user: rotating}}
- {name: plain, context: {cluster: plain, user: me}}
clusters:
- {name: here, cluster: {server: "https://10.0.0.1:6443/"}}
- {name: plain, cluster: {server: "http://10.0.0.2:8080"}}
users:
- {name: me, user: {token: secret}}
- {name: rotating, user: {token: old, tokenFile: token}}
`;
const kubeconfig = file('config', KUBECONFIG);
file('token', 'rotated');

function choose(access: Access, pod = outside) {
  return identityFor(library, access, pod);
}

test.each<[string, Access, string]>([
  ['the current context', { kubeconfig: { file: kubeconfig } }, 'https://10.0.0.1:6443'],
  ['a named context', { kubeconfig: { file: kubeconfig, context: 'plain' } }, 'http://10.0.0.2:8080'],
  [
    'kubeconfig before endpoint',
    { kubeconfig: { file: kubeconfig }, endpoint: 'http://x' },
    'https://10.0.0.1:6443',
  ],
  ['an endpoint', { endpoint: 'https://api.example:6443/' }, 'https://api.example:6443'],
  ['an endpoint without scheme', { endpoint: 'api.example:8080' }, 'http://api.example:8080'],
  [
    'an endpoint without scheme, with tls',
    { endpoint: 'api.example:6443', tls: { cert, key, ca } },
    'https://api.example:6443',
  ],
])('the server of %s', (_title, access, server) => {
  expect(choose(access).cluster.server).toBe(server);
});

test.each([
  ['10.96.0.1', 'https://10.96.0.1:443'],
  ['fd00::1', 'https://[fd00::1]:443'],
])('the server of a pod with KUBERNETES_SERVICE_HOST=%s', (host, server) => {
  const pod = mkdtempSync(join(directory, 'pod-'));
  writeFileSync(join(pod, 'token'), 't');
  writeFileSync(join(pod, 'ca.crt'), library.bufferFromFileOrString(ca) ?? '');
  const environment = { ...inCluster, KUBERNETES_SERVICE_HOST: host };
  expect(choose({}, { environment, serviceAccountDirectory: pod }).cluster.server).toBe(server);
});

test('tokenFile takes the place of a token and is found beside the kubeconfig', () => {
  const { user } = choose({ kubeconfig: { file: kubeconfig, context: 'rotating' } });
  expect(user.token).toBeUndefined();
  expect(user.authProvider).toEqual({ name: 'tokenFile', config: { tokenFile: join(directory, 'token') } });
});

test('a context without a user is nobody', () => {
  expect(choose({ kubeconfig: { file: kubeconfig, context: 'nobody' } }).user).toEqual({ name: 'anonymous' });
});

test.each<[string, Access, RegExp]>([
  [
    'no surroundings of a pod',
    {},
    /KUBERNETES_SERVICE_HOST and .* are not set; .*set kubeconfig or endpoint/,
  ],
  [
    'no such kubeconfig',
    { kubeconfig: { file: '/nowhere/config' } },
    /cannot read kubeconfig: ENOENT.*\/nowhere/,
  ],
  ['an empty kubeconfig', { kubeconfig: { file: file('empty', '') } }, /empty is not a kubeconfig/],
  ['broken YAML', { kubeconfig: { file: file('broken', 'a: [1\nb: {') } }, /broken is not a kubeconfig/],
  [
    'a kubeconfig of something else',
    { kubeconfig: { file: file('other', 'kind: Pod') } },
    /other has no context ""; the file has none/,
  ],
  [
    'an unknown context',
    { kubeconfig: { file: kubeconfig, context: 'hoem' } },
    /config has no context "hoem"; use one of home, nobody, astray, stranger, rotating, plain/,
  ],
  [
    'a context without its cluster',
    { kubeconfig: { file: kubeconfig, context: 'astray' } },
    /context "astray" names the cluster "nowhere", which is not there/,
  ],
  [
    'a context without its user',
    { kubeconfig: { file: kubeconfig, context: 'stranger' } },
    /context "stranger" names the user "stranger", who is not there/,
  ],
  [
    'a token file that is not there',
    {
      kubeconfig: {
        file: file('stray', KUBECONFIG.replace('tokenFile: token', 'tokenFile: gone')),
        context: 'rotating',
      },
    },
    /cannot read the token of user "rotating": ENOENT/,
  ],
  [
    'no certificate',
    { endpoint: 'https://x', tls: { cert: '/no/cert', key, ca } },
    /the client certificate: ENOENT/,
  ],
  ['no key', { endpoint: 'https://x', tls: { cert, key: '/no/key', ca } }, /the client key: ENOENT/],
  [
    'no CA',
    { endpoint: 'https://x', tls: { cert, key, ca: '/no/ca' } },
    /the CA certificate: ENOENT.*\/no\/ca/,
  ],
  [
    'a bad certificate',
    { endpoint: 'https://x', tls: { cert: garbage, key, ca } },
    /client certificate in .*garbage/,
  ],
  [
    'a bad key',
    { endpoint: 'https://x', tls: { cert, key: garbage, ca } },
    /client key in .*garbage.pem is not/,
  ],
  [
    'a bad CA',
    { endpoint: 'https://x', tls: { cert, key, ca: garbage } },
    /the CA certificate in .*garbage.pem is/,
  ],
  [
    'a bad CA in a kubeconfig',
    {
      kubeconfig: {
        file: file('badca', KUBECONFIG.replace('6443/"', '6443/", certificate-authority-data: bm8=')),
      },
    },
    /the CA certificate in the kubeconfig is not valid PEM/,
  ],
  [
    'an endpoint that is no URL',
    { endpoint: 'https://' },
    /"https:" is not the address of an API server; write it/,
  ],
  ['an endpoint of another scheme', { endpoint: 'ftp://x' }, /"ftp:\/\/x" is not the address/],
])('%s: one line that says what, where and what to do', (_title, access, line) => {
  const attempt = () => choose(access);
  expect(attempt).toThrow(SourceError);
  expect(attempt).toThrow(line);
  expect(attempt).not.toThrow(/\n/);
});

test('a pod without its token, or without the CA', () => {
  const pod = mkdtempSync(join(directory, 'pod-'));
  const surroundings = { environment: inCluster, serviceAccountDirectory: pod };
  expect(() => choose({}, surroundings)).toThrow(/cannot read the service account token: ENOENT.*token/);
  writeFileSync(join(pod, 'token'), 't');
  expect(() => choose({}, surroundings)).toThrow(/cannot read the CA certificate: ENOENT.*ca\.crt/);
});
