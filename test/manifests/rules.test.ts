/** The alerts ask for metrics that the server has. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { reasons } from '../../src/reasons.ts';
import { ask } from '../support/http.ts';
import { cleanUp, serve } from '../support/program.ts';
import { type KubernetesObject, objectOf } from './read.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

interface PrometheusRule extends KubernetesObject {
  readonly spec: { readonly groups: readonly { readonly rules: readonly Alert[] }[] };
}

const alerts = objectOf<PrometheusRule>('monitoring', 'PrometheusRule').spec.groups.flatMap(
  ({ rules }) => rules,
);

/** The plugins of the base's Corefile, with an API server and an upstream that are not there. */
const COREFILE = `.:0 {
  bind 127.0.0.1
  debug
  errors
  health 127.0.0.1:0
  ready 127.0.0.1:0
  kubernetes cluster.local {
    endpoint http://127.0.0.1:9
    startup_timeout 1ms
  }
  prometheus 127.0.0.1:0
  forward . 127.0.0.1:9
  cache 30
  loop
  reload
}`;

afterEach(cleanUp);

/** Names that can be asked for: those of a histogram have an ending. */
async function served(): Promise<Set<string>> {
  const program = serve(COREFILE);
  const port = await program.portOf('prometheus');
  await program.port();
  const { body } = await ask(port, '/metrics');
  const names = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

test('each alert has a name of its own, a severity and a summary', () => {
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  for (const { labels, annotations } of alerts) {
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
  }
});

test('docs/operations.md says of each what to do, and of no other', () => {
  const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const documented = [...operations.matchAll(/^\| (Corvidns\w+) \|/gm)].map(([, alert]) => alert);
  expect(documented).toEqual(alerts.map(({ alert }) => alert));
});

test('each asks for metrics that are served', async () => {
  const names = await served();
  const asked = alerts.map(({ alert, expr }) => ({
    alert,
    metrics: expr.match(/\b(coredns|corvidns|process)_\w+/g) ?? [],
  }));
  expect(asked.filter(({ metrics }) => metrics.length === 0)).toEqual([]);
  for (const { alert, metrics } of asked) {
    expect(
      metrics.filter((name) => !names.has(name)),
      alert,
    ).toEqual([]);
  }
});

describe('reasons that are asked for are in the registry', () => {
  const codes = new Set<string>(Object.values(reasons).map(({ code }) => code));
  const asked = alerts.flatMap(({ expr }) =>
    [...expr.matchAll(/\breason=~?"([^"]+)"/g)].flatMap(([, values = '']) => values.split('|')),
  );

  test.each(asked)('%s', (code) => {
    expect(codes).toContain(code);
  });
});
