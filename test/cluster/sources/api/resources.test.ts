import { expect, test } from 'vitest';
import { pathOf, resourcesFor } from '../../../../src/cluster/sources/api/resources.ts';

const SLICE_LABEL = 'multicluster.kubernetes.io/service-name';
const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown';

test.each([
  {
    title: 'the default',
    selection: { pods: false, multicluster: false, endpoints: true },
    wants: [
      ['/api/v1/services', '', ''],
      ['/api/v1/namespaces', '', ''],
      ['/apis/discovery.k8s.io/v1/endpointslices', '', ''],
    ],
  },
  {
    title: 'noendpoints, with selectors',
    selection: {
      pods: false,
      multicluster: false,
      endpoints: false,
      labels: 'a=b',
      namespaceLabels: 'c in (d,e)',
    },
    wants: [
      ['/api/v1/services', 'a=b', ''],
      ['/api/v1/namespaces', 'c in (d,e)', ''],
    ],
  },
  {
    title: 'everything, with selectors',
    selection: { pods: true, multicluster: true, endpoints: true, labels: 'a=b', namespaceLabels: 'c' },
    wants: [
      ['/api/v1/services', 'a=b', ''],
      ['/api/v1/namespaces', 'c', ''],
      ['/apis/discovery.k8s.io/v1/endpointslices', 'a=b', ''],
      ['/api/v1/pods', 'a=b', LIVE_PODS],
      ['/apis/multicluster.x-k8s.io/v1alpha1/serviceimports', '', ''],
    ],
  },
  {
    title: 'multicluster with noendpoints',
    selection: { pods: false, multicluster: true, endpoints: false, labels: 'a=b' },
    wants: [
      ['/api/v1/services', 'a=b', ''],
      ['/api/v1/namespaces', '', ''],
      ['/apis/discovery.k8s.io/v1/endpointslices', `a=b,${SLICE_LABEL}`, ''],
      ['/apis/multicluster.x-k8s.io/v1alpha1/serviceimports', '', ''],
    ],
  },
  {
    title: 'multicluster with noendpoints and no labels',
    selection: { pods: false, multicluster: true, endpoints: false },
    wants: [
      ['/api/v1/services', '', ''],
      ['/api/v1/namespaces', '', ''],
      ['/apis/discovery.k8s.io/v1/endpointslices', SLICE_LABEL, ''],
      ['/apis/multicluster.x-k8s.io/v1alpha1/serviceimports', '', ''],
    ],
  },
])('resources of $title', ({ selection, wants }) => {
  const found = resourcesFor(selection).map((each) => [pathOf(each), each.labelSelector, each.fieldSelector]);
  expect(found).toEqual(wants);
});
