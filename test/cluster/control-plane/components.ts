/** The command lines of the control plane's programs. */
import { join } from 'node:path';

/** Files of a control plane, all in its folder. */
export interface Files {
  readonly folder: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly auditPolicy: string;
  readonly audit: string;
  readonly adminKubeconfig: string;
  /** Written by kube-apiserver, with its CA behind it. */
  readonly servingCertificate: string;
}

export interface Ports {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

export function filesIn(folder: string): Files {
  return {
    folder,
    tokens: join(folder, 'tokens.csv'),
    serviceAccountKey: join(folder, 'service-account.key'),
    auditPolicy: join(folder, 'audit-policy.yaml'),
    audit: join(folder, 'audit.log'),
    adminKubeconfig: join(folder, 'admin.kubeconfig'),
    servingCertificate: join(folder, 'apiserver', 'apiserver.crt'),
  };
}

/** Addresses that Services get, of both families. */
const SERVICE_RANGES = '10.96.0.0/16,fd00:10:96::/112';

export function etcdArgs({ folder }: Files, { etcdClient, etcdPeer }: Ports): string[] {
  const client = `http://127.0.0.1:${etcdClient}`;
  const peer = `http://127.0.0.1:${etcdPeer}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data is gone with the test.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArgs(files: Files, { etcdClient, apiServer }: Ports): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdClient}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiServer}`,
    `--cert-dir=${join(files.folder, 'apiserver')}`,
    // What the endpoints of the Service `kubernetes` hold: loopback is not allowed there.
    '--advertise-address=192.0.2.1',
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--service-cluster-ip-range=${SERVICE_RANGES}`,
    '--allow-privileged=true',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.audit}`,
  ];
}

const CONTROLLERS = [
  'deployment-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'namespace-controller',
  'replicaset-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
];

export function controllerManagerArgs(files: Files): string[] {
  return [
    `--kubeconfig=${files.adminKubeconfig}`,
    `--controllers=${CONTROLLERS.join()}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.servingCertificate}`,
    `--service-cluster-ip-range=${SERVICE_RANGES}`,
    '--leader-elect=false',
    '--secure-port=0',
  ];
}
