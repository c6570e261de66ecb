import { join } from 'node:path';
import type { Cell, LogLine } from '../launch/index.ts';
import { loadRobot } from '../robots/index.ts';
import type { Reaction } from '../safety/index.ts';
import type { Drill, DrillMeasures } from './drill.ts';
import { runEmbeddedDrill } from './embedded_drill.ts';
import { declaredReaction, envelopeOfCell } from './envelope_of_cell.ts';
import { type Check, judge } from './judge.ts';
import { runRosDrill } from './ros_drill.ts';
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
  /** As of an embedded rig. */
  readonly worker?: string;
  readonly onDone: (result: DrillResult) => void;
  /** Processes of a ROS 2 graph, under these variables and in this domain; without it, all in this process. */
  readonly ros?: { readonly env: Readonly<Record<string, string>>; readonly domain_id: number | null };
}

/** Runs drills one after the other on a cell until all are done or the signal comes. */
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
    const result = await runOne(drill, cell, reaction, options, stop);
    options.onDone(result);
    results.push(result);
  }
  return results;
}

async function runOne(
  drill: Drill,
  cell: Cell,
  reaction: Reaction,
  options: DrillRunOptions,
  stop: AbortSignal,
): Promise<DrillResult> {
  const { name, title } = drill;
  const { worker } = options;
  const folder = { out_dir: join(options.out_dir, 'recordings', name), onLine: options.onLine };
  const rig = { ...folder, ...(worker === undefined ? {} : { worker }) };
  const { ros } = options;
  try {
    if (ros !== undefined) {
      const launched = { ...rig, stop, domain_id: ros.domain_id, ros_env: ros.env };
      const measures = await runRosDrill(drill, cell, options.seed, launched);
      const checks = judge(drill, reaction, measures, []);
      const ok = checks.every((check) => check.ok);
      return { name, title, reaction, ok, checks, measures, failure: '', timeline: null, undisturbed: null };
    }
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
