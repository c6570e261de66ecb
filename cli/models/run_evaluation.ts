import Table from 'cli-table3';
import { InputError } from '../../contracts/index.ts';
import {
  type AccuracyRow,
  accuracyMetrics,
  evaluateHeldOut,
  HeldOutSet,
  keepFacts,
  type Share,
  type Spread,
  uncertaintyOf,
  withMetrics,
} from '../../learning/index.ts';
import { DEFAULT_COSTS, decisionCosts, openDetector } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { modelSources } from '../../stack/index.ts';
import { emitJson, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { readJsonFile, writeTextFile } from '../json_files.ts';
import { createBar } from '../progress.ts';
import { renderAccuracy } from './accuracy_page.ts';
import type { EvaluationFlags } from './evaluate.ts';
import { ownModels } from './own_models.ts';
import { worstPictures } from './worst_pictures.ts';

const WORST_SHOWN = 24;

/** Runs a model over the held-out set, prints the table and writes what was asked for. */
export async function runEvaluation(
  model: string,
  { objects, seed, cameras: known, leastScore: least_score, out, write, json, ...flags }: EvaluationFlags,
): Promise<void> {
  const costs = flags.costs === undefined ? DEFAULT_COSTS : readJsonFile(flags.costs, decisionCosts);
  const sources = { ...modelSources(process.env), own: ownModels(flags.models) };
  const detector = await openDetector(model, {
    ...sources,
    ...{ fallback: false, onNote: say, cameras: uncertaintyOf(known) },
  });
  // Before the long work.
  if (write && !detector.model.includes('@')) {
    throw new InputError(
      `--write for ${model}, which has no manifest`,
      'a model of a folder of models, NAME[@VERSION]',
    );
  }
  const set = new HeldOutSet(loadRobot('panda'), seed, { known });
  const bar = createBar('objects');
  try {
    const report = await untilInterrupted((signal) =>
      evaluateHeldOut({
        ...{ detector, least_score, signal, costs, worst: WORST_SHOWN, least_objects: objects },
        worldOf: async (k) => set.world(k),
        onProgress: (done) => bar.update(Math.min(done, objects), objects),
      }),
    );
    bar.stop();
    say(tableOf(report.rows));
    if (out !== undefined) {
      const shown = await worstPictures(set, detector, report.worst);
      writeTextFile(out, [renderAccuracy({ model: detector.model, seed, known, report, worst: shown })]);
      say(`page: ${out}`);
    }
    const { model: name, model_sha256 } = detector;
    const whole = report.objects >= objects;
    if (write && whole) {
      const one = accuracyMetrics(report, seed, known);
      const file = await keepFacts(name, sources, ({ metrics }) => ({ metrics: withMetrics(metrics, one) }));
      say(`written: ${file}`);
    }
    if (json) emitJson('models-evaluate', { model: name, model_sha256, seed, cameras: known, ...report });
    if (!whole) process.exitCode = 130;
  } finally {
    bar.stop();
    await detector.close();
  }
}

const share = ({ of, share: value, wilson95: [low, high] }: Share): string =>
  of === 0 ? '–' : `${(100 * value).toFixed(1)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
const spread = ({ value }: Spread): string => (Number.isNaN(value) ? '–' : value.toFixed(2));

function tableOf(rows: readonly AccuracyRow[]): string {
  const head = [
    'group',
    'objects',
    'recall %',
    'precision %',
    'class %',
    'mm 50/95',
    'deg 50/95',
    'covered %',
    'yaw covered %',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) {
    table.push([
      ...[row.group, row.recall.of, share(row.recall), share(row.precision), share(row.class_accuracy)],
      `${spread(row.position_median_mm)}/${spread(row.position_p95_mm)}`,
      `${spread(row.yaw_median_deg)}/${spread(row.yaw_p95_deg)}`,
      ...[share(row.position_covered), share(row.yaw_covered)],
    ]);
  }
  return table.toString();
}
