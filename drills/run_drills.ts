import { join } from 'node:path';
import type { Cell, LogLine } from '../launch/index.ts';
import { loadRobot } from '../robots/index.ts';
import type { Reaction } from '../safety/index.ts';
import type { Drill, DrillMeasures } from './drill.ts';
import { runEmbeddedDrill } from './embedded_drill.ts';
import { declaredReaction, envelopeOfCell } from './envelope_of_cell.ts';
import { type Check, judge } from './judge.ts';
import type { Timeline } from './timeline.ts';

/** What came of one drill. */
export interface DrillResult {
  readonly name: string;
  readonly title: string;
  readonly reaction: Reaction;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Null where the drill could not be made; `failure` says why. */
  readonly measures: DrillMeasures | null;
  readonly failure: string;
  readonly timeline: Timeline | null;
  readonly undisturbed: Timeline | null;
}

export interface DrillRunOptions {
  readonly seed: number;
  readonly out_dir: string;
  readonly onLine: (line: LogLine) => void;
  readonly onDone: (result: DrillResult) => void;
}

/** Runs drills one after the other on a cell, in this process, until all are done or the signal comes. */
export async function runDrills(
  drills: readonly Drill[],
  cell: Cell,
  options: DrillRunOptions,
  stop: AbortSignal,
): Promise<DrillResult[]> {
  const envelope = envelopeOfCell(cell, loadRobot(cell.robot, { visualMeshes: false }));
  const results: DrillResult[] = [];
  for (const drill of drills) {
    if (stop.aborted) break;
    const { declared } = drill;
    const reaction = typeof declared === 'string' ? declaredReaction(envelope, declared) : declared(cell);
    const result = await runOne(drill, cell, reaction, options);
    options.onDone(result);
    results.push(result);
  }
  return results;
}

async function runOne(drill: Drill, cell: Cell, reaction: Reaction, options: DrillRunOptions): Promise<DrillResult> {
  const { name, title } = drill;
  const rig = { out_dir: join(options.out_dir, 'recordings', name), onLine: options.onLine };
  try {
    const run = await runEmbeddedDrill(drill, cell, reaction, options.seed, rig);
    const { measures, timeline, undisturbed, errors } = run;
    const checks = judge(drill, reaction, measures, errors);
    const ok = checks.every((check) => check.ok);
    return { name, title, reaction, ok, checks, measures, failure: '', timeline, undisturbed };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { name, title, reaction, ok: false, checks: [], measures: null, failure, timeline: null, undisturbed: null };
  }
}
