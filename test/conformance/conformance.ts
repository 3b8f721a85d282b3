/** One run: a control plane with a world in it, and under each variant both servers with their share of the questions. */
import { fileURLToPath } from 'node:url';
import { ControlPlane } from '../cluster/control-plane/control-plane.ts';
import { dnsAccount } from '../cluster/control-plane/dns-account.ts';
import { kubectl } from '../cluster/control-plane/kubectl.ts';
import { startKubelet } from '../cluster/control-plane/kubelet.ts';
import { until } from '../support/until.ts';
import { Asker } from './asker.ts';
import { compare, type Pair, type Verdict } from './compare.ts';
import { queryOctets, TYPES } from './message.ts';
import { type Question, questionsFor } from './questions.ts';
import { readReply } from './reply.ts';
import { startSubject } from './servers.ts';
import { startUpstream } from './upstream.ts';
import { type Surroundings, type Variant, variantsFor } from './variants.ts';
import { createWorld, type World, type WorldOptions } from './world/create.ts';
import { Random } from './world/random.ts';

const ACCESS = fileURLToPath(new URL('access.yaml', import.meta.url));
const SERVICE_IMPORTS = fileURLToPath(
  new URL('../cluster/control-plane/service-import-crd.yaml', import.meta.url),
);

export interface RunOptions extends WorldOptions {
  /** Over all variants. */
  readonly questions: number;
  /** How often each is asked: what a server has answered before it may answer another way. Default: once. */
  readonly rounds?: number;
  readonly onVariant?: (result: VariantResult) => void;
  /** Default: all of `variantsFor`. */
  readonly variants?: (surroundings: Surroundings) => readonly Variant[];
  /** Names of variants. Default: all. */
  readonly only?: readonly string[];
}

export interface VariantResult {
  readonly variant: string;
  readonly asked: number;
  readonly equal: number;
  /** How many each rule allowed, by its name. */
  readonly allowed: Readonly<Record<string, number>>;
  readonly different: readonly Pair[];
}

/** What stands still while both servers are asked about it. */
export interface Standing extends Surroundings {
  readonly world: World;
}

export async function run(options: RunOptions): Promise<VariantResult[]> {
  await using plane = await ControlPlane.start();
  const standing = await fill(plane, options);
  const { variants: make = variantsFor } = options;
  const variants = make(standing).filter(({ name }) => options.only?.includes(name) ?? true);
  const share = Math.ceil(options.questions / variants.length);
  const results: VariantResult[] = [];
  for (const [at, variant] of variants.entries()) {
    const questions = questionsFor(standing.world, variant, new Random(options.seed + at), share);
    const rounds = Array.from({ length: options.rounds ?? 1 }, () => questions).flat();
    const result = await runVariant(plane, variant, rounds);
    options.onVariant?.(result);
    results.push(result);
  }
  return results;
}

/** Puts a world into a control plane, and an upstream beside it. */
export async function fill(plane: ControlPlane, options: WorldOptions): Promise<Standing> {
  await kubectl(plane, ['apply', '-f', ACCESS, '-f', SERVICE_IMPORTS]);
  await kubectl(plane, ['wait', '--for=condition=established', 'crd/serviceimports.multicluster.x-k8s.io']);
  const world = await createWorldOf(plane, options);
  const { kubeconfig } = await dnsAccount(plane);
  const upstream = await startUpstream(plane.processes);
  return { world, folder: plane.files.folder, kubeconfig, upstreamPort: upstream.port };
}

async function createWorldOf(plane: ControlPlane, options: WorldOptions) {
  await using _kubelet = await startKubelet(plane.api);
  return await createWorld(plane, options);
}

async function runVariant(
  { processes }: ControlPlane,
  variant: Variant,
  questions: readonly Question[],
): Promise<VariantResult> {
  const [coredns, corvidns] = await Promise.all([
    startSubject(processes, 'coredns', variant.corefile),
    startSubject(processes, 'corvidns', variant.corefile, variant.flags),
  ]);
  try {
    await using first = await Asker.open(coredns.port);
    await using second = await Asker.open(corvidns.port);
    for (const asker of [first, second]) await isAtWork(asker, variant);
    return summary(variant, await askAll(questions, variant, { coredns: first, corvidns: second }));
  } finally {
    await Promise.all([coredns.stop(), corvidns.stop()]);
  }
}

const PATIENCE_MS = 1000;

async function isAtWork(asker: Asker, { awaited }: Variant): Promise<void> {
  if (awaited === undefined) return;
  const octets = queryOctets({ name: awaited, type: TYPES.A ?? 0 });
  await until(`${awaited} has an address`, async () => {
    const reply = await asker.ask(octets, 'udp', PATIENCE_MS);
    return reply !== undefined && readReply(reply).answer.length > 0;
  });
}

const AT_A_TIME = 64;

async function askAll(
  questions: readonly Question[],
  variant: Variant,
  servers: Parameters<typeof compare>[2],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = questions.values();
  const work = async () => {
    for (const question of left) verdicts.push(await compare(question, variant, servers));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return verdicts;
}

function summary({ name }: Variant, verdicts: readonly Verdict[]): VariantResult {
  const allowed: Record<string, number> = {};
  for (const verdict of verdicts) {
    if (verdict.kind === 'allowed') allowed[verdict.rule] = (allowed[verdict.rule] ?? 0) + 1;
  }
  return {
    variant: name,
    asked: verdicts.length,
    equal: verdicts.filter(({ kind }) => kind === 'equal').length,
    allowed,
    different: verdicts.flatMap((verdict) => (verdict.kind === 'different' ? [verdict.pair] : [])),
  };
}
