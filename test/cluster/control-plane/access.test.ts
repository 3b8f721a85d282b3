/** corvidns as the service account `coredns`, with the rights that manifests/base gives it and no others. */
import { realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { namespace, service, slice } from '../../conformance/world/objects.ts';
import { manifests, type Rule } from '../../manifests/read.ts';
import { ask } from '../../support/ask.ts';
import { cleanUp, makeFolder, type Program, serve } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { ControlPlane, hasControlPlane } from './control-plane.ts';
import { type DnsAccount, dnsAccount } from './dns-account.ts';
import { kubectl } from './kubectl.ts';

const NOERROR = 0;
/** The kind that the API server gets from elsewhere: a CustomResourceDefinition. */
const SERVICE_IMPORTS = fileURLToPath(new URL('service-import-crd.yaml', import.meta.url));

interface Role {
  readonly rules: readonly Rule[];
}

describe.skipIf(!hasControlPlane())('the service account coredns', () => {
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await ControlPlane.start();
    await kubectl(plane, ['apply', '-k', `${manifests}base`]);
  });
  afterEach(cleanUp);
  afterAll(async () => {
    await plane?.[Symbol.asyncDispose]();
  });

  function start(
    { kubeconfig }: DnsAccount,
    { zones = 'cluster.local', options = 'pods insecure' } = {},
  ): Program {
    return serve(`.:0 {
      bind 127.0.0.1
      errors
      kubernetes ${zones} {
        kubeconfig ${kubeconfig}
        ${options}
      }
    }`);
  }

  /** A new Service; waits until its name has an address. */
  async function seesNewService(program: Program, name: string): Promise<void> {
    const port = await program.port();
    await plane.api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    });
    await until(`${name} resolves`, async () => {
      const { rcode, answer } = await ask(port, `${name}.default.svc.cluster.local`, 'A');
      return rcode === NOERROR && answer.length === 1;
    });
  }

  /** Something new of every kind: a watch is known to work by what it brings. */
  async function bringNews(name: string): Promise<void> {
    await plane.api.create(namespace(name));
    await plane.api.create(service(`${name}/news`, { ports: ['http/TCP/80'] }));
    await plane.api.create(slice(`${name}/news`, { endpoints: [{ addresses: ['198.51.100.1'] }] }));
  }

  function refused(from = 0) {
    return plane
      .auditOfDns()
      .slice(from)
      .filter(({ responseStatus }) => (responseStatus?.code ?? 0) >= 400);
  }

  test('may list and watch what it needs: nothing is refused', async () => {
    const before = plane.auditOfDns().length;
    const program = start(await dnsAccount(plane));
    await seesNewService(program, 'allowed');
    const asked = plane.auditOfDns().slice(before);
    const wanted = ['services', 'namespaces', 'endpointslices'].flatMap((plural) => [
      `list ${plural}`,
      `watch ${plural}`,
    ]);
    const seen = asked.map(({ verb, requestURI }) => `${verb} ${/(\w+)\?/.exec(requestURI)?.[1]}`);
    expect([...new Set(seen)].toSorted()).toEqual(wanted.toSorted());
    expect(refused(before)).toEqual([]);
    expect(program.stdout + program.stderr).not.toMatch(/forbidden|403/);
  });

  /** The role with each resource in a rule of its own, and one verb less. */
  async function roleWithout(verb: string, plural: string): Promise<object> {
    const role: Role = JSON.parse(
      await kubectl(plane, ['get', 'clusterrole', 'system:coredns', '-o', 'json']),
    );
    const rules = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
      resources.map((resource) => ({
        apiGroups,
        resources: [resource],
        verbs: verbs.filter((each) => resource !== plural || each !== verb),
      })),
    );
    return { ...role, rules };
  }

  describe.each(['services', 'namespaces', 'endpointslices'])('without a verb on %s', (plural) => {
    test.each(['list', 'watch'])('a line says that %s is missing, and what to grant', async (verb) => {
      await kubectl(plane, ['replace', '-f', '-'], JSON.stringify(await roleWithout(verb, plural)));
      try {
        const program = start(await dnsAccount(plane), { options: 'startup_timeout 1s' });
        const [line] = await program.wait(/^\[(WARNING|ERROR)\] .*forbidden.*$/);
        expect(line).toContain(`cannot ${verb} resource "${plural}"`);
        expect(line).toMatch(new RegExp(`grant list and watch on ${plural}`));
        await kubectl(plane, ['apply', '-k', `${manifests}base`]);
        await bringNews(`${plural}-${verb}`);
        await program.wait(new RegExp(`The ${verb} of .* works again$`));
      } finally {
        await kubectl(plane, ['apply', '-k', `${manifests}base`]);
      }
    });
  });

  test('goes on with a new token when the old one is worth nothing any more', async () => {
    const secret = (name: string) => ({
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name, namespace: 'kube-system' },
    });
    await plane.api.create(secret('first'));
    await plane.api.create(secret('second'));
    const account = await dnsAccount(plane, { secret: 'first' });
    const program = start(account);
    await seesNewService(program, 'before-rotation');

    await account.rotate({ secret: 'second' });
    await plane.api.delete({
      ...{ apiVersion: 'v1', kind: 'Secret' },
      name: 'first',
      namespace: 'kube-system',
    });
    // Open watches outlive their token: they end with the server, which also forgets the tokens that it has checked.
    await plane.killApiServer();
    await plane.startApiServer();
    await seesNewService(program, 'after-rotation');
  });

  test.each([
    { component: 'pods-verified', zones: 'cluster.local', options: 'pods verified', plural: 'pods' },
    {
      component: 'multicluster',
      zones: 'cluster.local clusterset.local',
      options: 'multicluster clusterset.local',
      plural: 'serviceimports',
    },
  ])('with the component $component `$options` may do all it needs', async (row) => {
    await kubectl(plane, ['apply', '-f', SERVICE_IMPORTS]);
    await kubectl(plane, ['apply', '-k', withComponent(row.component)]);
    const before = plane.auditOfDns().length;
    const program = start(await dnsAccount(plane), row);
    await seesNewService(program, `with-${row.component}`);
    const asked = plane.auditOfDns().slice(before);
    expect(asked.map(({ requestURI }) => requestURI).join()).toContain(`/${row.plural}?`);
    expect(refused(before)).toEqual([]);
  });
});

/** A folder for `kubectl apply -k`: the base with a component. */
function withComponent(component: string): string {
  const folder = realpathSync(makeFolder());
  const path = (each: string) => relative(folder, join(manifests, each));
  const kustomization = { resources: [path('base')], components: [path(`components/${component}`)] };
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return folder;
}
