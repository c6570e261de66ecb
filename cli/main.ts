import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT, withoutSecrets } from '../contracts/index.ts';
import { say } from './common.ts';

type AddVerb = (program: Command) => void;

/** Every verb; its module is loaded when it is asked for, because some bring the whole stack with them. */
const VERBS: Readonly<Record<string, (after?: string) => Promise<AddVerb>>> = {
  run: async () => (await import('./verbs/run.ts')).addRun,
  sim: async () => (await import('./verbs/sim.ts')).addSim,
  launch: async () => (await import('./verbs/launch.ts')).addLaunch,
  drill: async () => (await import('./verbs/drill.ts')).addDrill,
  scenarios: async () => (await import('./verbs/scenarios.ts')).addScenarios,
  approve: async () => (await import('./verbs/approve.ts')).addApprove,
  keys: async () => (await import('./verbs/keys.ts')).addKeys,
  commission: async () => (await import('./verbs/commission.ts')).addCommission,
  ros: async () => (await import('./verbs/ros.ts')).addRos,
  render: async () => (await import('./verbs/render.ts')).addRender,
  perceive: async () => (await import('./verbs/perceive.ts')).addPerceive,
  calibrate: async () => (await import('./verbs/calibrate.ts')).addCalibrate,
  models: async () => (await import('./verbs/models.ts')).addModels,
  // A stop does not wait for what its neighbours need.
  safety: async (after) =>
    after === 'stop'
      ? (await import('./verbs/safety_stop.ts')).addSafetyStopAlone
      : (await import('./verbs/safety.ts')).addSafety,
  teleop: async () => (await import('./verbs/teleop.ts')).addTeleop,
  escalations: async () => (await import('./verbs/escalations.ts')).addEscalations,
  train: async () => (await import('./verbs/train.ts')).addTrain,
  eval: async () => (await import('./verbs/eval.ts')).addEval,
  improve: async () => (await import('./verbs/improve.ts')).addImprove,
  dataset: async () => (await import('./verbs/dataset/index.ts')).addDataset,
  sbom: async () => (await import('./verbs/sbom.ts')).addSbom,
  doctor: async () => (await import('./verbs/doctor.ts')).addDoctor,
  'physics-check': async () => (await import('./verbs/physics_check.ts')).addPhysicsCheck,
  dynamics: async () => (await import('./verbs/dynamics.ts')).addDynamics,
  gate: async () => (await import('./verbs/gate.ts')).addGate,
  plan: async () => (await import('./verbs/plan.ts')).addPlan,
  ik: async () => (await import('./verbs/ik.ts')).addIk,
  trajectory: async () => (await import('./verbs/trajectory.ts')).addTrajectory,
  identify: async () => (await import('./verbs/identify.ts')).addIdentify,
  gap: async () => (await import('./verbs/gap.ts')).addGap,
  bench: async () => (await import('./verbs/bench.ts')).addBench,
};

/** Exit codes: 0 done, 1 a failed check, 2 bad arguments or input, 130 interrupted. */
async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('surepick')
    .description('Pick-and-place robot stack: simulate, run, inspect.')
    .version(version())
    .exitOverride()
    .configureOutput({ writeErr })
    .showSuggestionAfterError(true);
  const asked = Object.hasOwn(VERBS, argv[0] ?? '') ? [VERBS[argv[0]]] : Object.values(VERBS);
  try {
    for (const load of asked) (await load(argv[1]))(program);
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** An error is one line that says how to go on; help keeps its lines. */
function writeErr(text: string): void {
  process.stderr.write(text.startsWith('error') ? `${text.trim().replaceAll('\n', ' ')}${remedy(text)}\n` : text);
}

function remedy(error: string): string {
  if (!/^error: (unknown|too many|missing|required)/.test(error)) return '';
  const verb = process.argv[2] ?? '';
  return Object.hasOwn(VERBS, verb)
    ? `; see surepick ${verb} --help`
    : `; surepick knows ${Object.keys(VERBS).join(', ')}, see surepick --help`;
}

function version(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InputError) {
    say(`error: ${error.message}`);
    return 2;
  }
  say(withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  return 1;
}

// Who reads the output may have read enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await main(process.argv.slice(2));
