import { expect, test } from 'vitest';
import {
  ApiFailure,
  adviceFor,
  failureOf,
  statusFailure,
} from '../../../../src/cluster/sources/api/failure.ts';
import { type Resource, resourcesFor } from '../../../../src/cluster/sources/api/resources.ts';
import { limits } from '../../../../src/limits.ts';

const all = resourcesFor({ pods: true, multicluster: true, endpoints: true });

function resource(plural: string): Resource {
  const found = all.find((each) => each.plural === plural);
  if (found === undefined) throw new Error(`no resource ${plural}`);
  return found;
}

test.each([
  ['ECONNREFUSED', 'refused', /runs and listens/],
  ['ENOTFOUND', 'unknown-host', /host name/],
  ['EAI_AGAIN', 'unknown-host', /host name/],
  ['EHOSTUNREACH', 'unreachable', /routes/],
  ['ENETUNREACH', 'unreachable', /routes/],
  ['ETIMEDOUT', 'unreachable', /routes/],
  ['ECONNRESET', 'broken-off', /what stands between/],
  ['EPIPE', 'broken-off', /what stands between/],
  ['CERT_HAS_EXPIRED', 'tls', /CA certificate/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', /CA certificate/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', /CA certificate/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls', /CA certificate/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', /CA certificate/],
  ['EPROTO', 'tls', /CA certificate/],
  ['HPE_INVALID_CONSTANT', 'bad-answer', /Kubernetes API server/],
  ['ESOMETHING', 'unexpected', /^$/],
])('error code %s is %s', (code, trouble, advice) => {
  const failure = failureOf(Object.assign(new Error('words'), { code }));
  expect(failure).toMatchObject({ trouble, message: 'words' });
  expect(adviceFor(failure, resource('services'))).toMatch(advice);
});

test('an error of several addresses has no words but a code', () => {
  const error = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
  expect(failureOf(error)).toMatchObject({ trouble: 'refused', message: 'ECONNREFUSED' });
});

test.each([
  [400, 'other-status'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [410, 'gone'],
  [429, 'throttled'],
  [500, 'server-error'],
  [503, 'server-error'],
])('status %i is %s', (status, trouble) => {
  expect(statusFailure(status, '')).toMatchObject({ trouble, status });
});

test.each([
  ['services', 'grant list and watch on services to the service account'],
  ['endpointslices', 'grant list and watch on endpointslices of discovery.k8s.io to the service account'],
])('advice for 403 on %s', (plural, advice) => {
  expect(adviceFor(statusFailure(403, ''), resource(plural))).toBe(advice);
});

test.each([
  ['services', 'the API server does not offer v1 services'],
  ['endpointslices', 'the API server does not offer discovery.k8s.io/v1 endpointslices'],
  [
    'serviceimports',
    'install the CRDs of the Multi-Cluster Services API, or remove multicluster from the Corefile',
  ],
])('advice for 404 on %s', (plural, advice) => {
  expect(adviceFor(statusFailure(404, ''), resource(plural))).toBe(advice);
});

test('Retry-After is seconds or a date', () => {
  expect(statusFailure(429, '', '7').retryAfterMs).toBe(7_000);
  expect(statusFailure(429, '').retryAfterMs).toBe(0);
  expect(statusFailure(429, '', 'soon').retryAfterMs).toBe(0);
  expect(statusFailure(503, '', 'Wed, 21 Oct 2015 07:28:00 GMT').retryAfterMs).toBe(0);
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  expect(statusFailure(503, '', inAnHour).retryAfterMs).toBeGreaterThan(3_000_000);
});

test("the server's words fit on one line and end somewhere", () => {
  const { message } = statusFailure(403, `a\nb\u0007\tc\u2028d ${'x'.repeat(10_000)}`);
  expect(message).toMatch(/^403 Forbidden: a b c d x+$/);
  expect(message.length).toBeLessThan(limits.apiErrorTextChars + 20);
});

test('failures of one sort have trouble and status in common, not words', () => {
  expect(statusFailure(500, 'one').sort).toBe(statusFailure(500, 'two').sort);
  expect(statusFailure(500, '').sort).not.toBe(statusFailure(503, '').sort);
  expect(new ApiFailure('refused', '').sort).not.toBe(new ApiFailure('tls', '').sort);
});
