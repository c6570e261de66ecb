import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import {
  type CalibratedModel,
  calibrateModel,
  type DrawnSamples,
  evaluateRouting,
  HeldOutSet,
  keepCalibration,
  parseSamples,
  type RoutingReport,
  type SamplesOf,
  samplesText,
} from '../../learning/index.ts';
import {
  ConfidentDetector,
  DEFAULT_COSTS,
  type DecisionCosts,
  decisionCosts,
  type Inquiry,
  openDetector,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { modelSources } from '../../stack/index.ts';
import { emitJson, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { readJsonFile, readTextFile, writeJsonFile, writeTextFile } from '../json_files.ts';
import { createBar } from '../progress.ts';
import type { CalibrateFlags } from './calibrate.ts';
import { ownModels } from './own_models.ts';

const stopwatch = () => performance.now() / 1000;
/** Worlds after which what was drawn is kept, and told where there is no bar. */
const KEEP_EVERY = 50;
const SAY_EVERY = 100;
/** Of held-out worlds that routing is measured on. */
const ROUTING_SEED = 900_102;
const ALL: readonly Inquiry[] = ['ask_full', 'look_again', 'escalate'];

/** Calibrates a model, says how well that holds and writes what was asked for. */
export async function runCalibration(model: string, flags: CalibrateFlags): Promise<void> {
  const costs: DecisionCosts = flags.costs === undefined ? DEFAULT_COSTS : readJsonFile(flags.costs, decisionCosts);
  const sources = { ...modelSources(process.env), own: ownModels(flags.models) };
  // Before the long work, so that a place that cannot be written is told at once.
  if (flags.out !== undefined) makeFolder(flags.out);
  const robot = loadRobot('panda');
  const bar = createBar('worlds');
  const { worlds, check: held_out_worlds, seed, level } = flags;
  const kept = flags.out === undefined ? null : join(flags.out, 'samples.json');
  try {
    await untilInterrupted(async (signal) => {
      const before = (of: SamplesOf) => keptSamples(kept, of);
      let keep = () => {};
      const onProgress = (done: number, total: number, of: SamplesOf, drawn: DrawnSamples) => {
        bar.update(done, total);
        if (done % SAY_EVERY === 0 && !process.stderr.isTTY) say(`${done} of ${total} worlds`);
        keep = () => {
          if (kept !== null) writeTextFile(kept, [samplesText(of, drawn)]);
        };
        if (done % KEEP_EVERY === 0 || done === total) keep();
      };
      const options = { model, sources, robot, worlds, held_out_worlds, seed, level, costs, signal };
      const found = await calibrateModel({ ...options, before, onProgress, onNote: say });
      bar.stop();
      if (found === null) {
        keep();
        say(kept === null ? 'nothing was kept: give --out to go on later' : `the same command goes on from ${kept}`);
        process.exitCode = 130;
        return;
      }
      const { report, calibration } = found;
      for (const [name, { value, interval95 }] of Object.entries(report.measured)) {
        const within = interval95 === undefined ? '' : ` (${interval95.map((x) => x.toFixed(4)).join(' to ')})`;
        say(`${name}: ${value.toFixed(4)}${within}`);
      }
      const { policy_s, always_accept_s, oracle_s } = report.cost;
      say(
        `cost of an object: ${policy_s.toFixed(2)} s; always accepting ${always_accept_s.toFixed(2)} s, an oracle ${oracle_s.toFixed(2)} s`,
      );
      if (!report.holds.ece) say('error: the calibration error is over 0.03');
      if (!report.holds.coverage) say('error: coverage is outside its interval about the nominal level');
      if (flags.out !== undefined) {
        writeJsonFile(join(flags.out, 'calibration.json'), calibration);
        for (const [name, svg] of Object.entries(report.diagrams)) writeTextFile(join(flags.out, `${name}.svg`), [svg]);
      }
      const file = flags.write ? await keepCalibration(found, sources) : null;
      if (file !== null) say(`written: ${file}`);
      const routing = flags.full === undefined ? null : await measureRouting(found, flags.full);
      const { diagrams: _, reliability: __, ...told } = report;
      if (flags.json) emitJson('models-calibrate', { model: found.model, seed, worlds, ...told, file, routing });
      if (!report.holds.ece || !report.holds.coverage) process.exitCode = 1;
    });
  } finally {
    bar.stop();
  }

  async function measureRouting(
    { model: name, calibration }: CalibratedModel,
    full_name: string,
  ): Promise<RoutingReport> {
    const bare = await openDetector(name, { ...sources, fallback: false, confidence: false, stopwatch });
    const fast = new ConfidentDetector(bare, { own: calibration, classical: null, costs, inquiries: ALL });
    const full = await openDetector(full_name, { ...sources, fallback: false, confidence: true, stopwatch });
    const set = new HeldOutSet(robot, ROUTING_SEED);
    const run = { fast, full, costs, deadline_s: flags.deadline, stopwatch, worlds: flags.check };
    const routing = await evaluateRouting({ ...run, worldOf: (k) => set.world(k) });
    await Promise.all([fast.close(), full.close()]);
    const { asked, saving, routed, always_full } = routing;
    say(
      `the full model was asked about ${(100 * asked).toFixed(1)} % of pictures: ${(100 * saving).toFixed(1)} % of its time saved`,
    );
    say(
      `right of what was accepted: ${routed.precision.toFixed(4)} against ${always_full.precision.toFixed(4)}; found: ${routed.recall.toFixed(4)} against ${always_full.recall.toFixed(4)}`,
    );
    return routing;
  }
}

/** What an earlier run left there, if it is of the same model and worlds. */
function keptSamples(file: string | null, of: SamplesOf): DrawnSamples | null {
  if (file === null || !existsSync(file)) return null;
  const kept = parseSamples(readTextFile(file), file, of);
  say(
    kept === null
      ? `${file} is of another model or other worlds: it is drawn anew`
      : `going on from ${kept.fitted.worlds + kept.held.worlds} worlds in ${file}`,
  );
  return kept;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError(`--out ${folder}`, 'must be a folder that can be made and written', { cause });
  }
}
