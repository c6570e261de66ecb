import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { Drill } from '../../drills/drill.ts';
import { EmbeddedRig, type EmbeddedRigOptions } from '../../drills/embedded_rig.ts';
import { drilledCell } from '../../drills/graph_change.ts';
import { type Cell, loadGraph, parseOverride } from '../../launch/index.ts';

const LONGEST_S = 120;
/** How an episode went on in which something broke for good. */
export interface MidEpisode {
  readonly ok: boolean;
  readonly stage: string;
  readonly reason: string;
  /** Stages that began after the fault did. */
  readonly stages: readonly string[];
  /** By the simulator's truth. */
  readonly wrong: readonly string[];
  readonly errors: readonly string[];
  /** What the safety state said after the fault began. */
  readonly reasons: readonly string[];
  /** Greatest commanded joint speed at the end, rad/s. */
  readonly speed: number;
}

/** A cell that sorts, without a recorder. */
export function sortingCell(seed: number, model = 'vision'): Cell {
  const overrides = ['sim.task=sort', `sim.seed=${seed}`, `perception.model=${model}`].map((text) =>
    parseOverride(text),
  );
  const cell = drilledCell(loadGraph(join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml'), { overrides }));
  return { ...cell, nodes: cell.nodes.filter(({ kind }) => kind !== 'recorder') };
}

/** Plays the goal of a cell's world, breaks something when the first object has been put down, and waits for the end. */
export async function breakMidEpisode(
  drill: Drill,
  graph_cell: Cell,
  options: EmbeddedRigOptions,
): Promise<MidEpisode> {
  const cell = drill.prepare?.(graph_cell) ?? graph_cell;
  const rig = await EmbeddedRig.create(drill, cell, options);
  try {
    await rig.until(() => false, 0.5);
    rig.sendGoal();
    const { timeline } = rig;
    const end = () => rig.ended;
    const placed = () => timeline.stages.some(({ stage }) => stage === 'retreat') || end() !== null;
    if (!(await rig.until(placed, LONGEST_S)) || end() !== null)
      throw new Error(`${drill.name}: nothing was put down before the end: ${end()?.reason ?? 'no end'}`);
    const began_s = rig.now_s;
    rig.injection.begin();
    await rig.until(() => end() !== null, LONGEST_S);
    // An arm that was stopped needs its time.
    await rig.until(() => false, 0.5);
    const ended = end();
    if (ended === null) throw new Error(`${drill.name}: neither done nor given up after ${LONGEST_S} s`);
    const after = <T extends { readonly at_s: number }>(all: readonly T[]) => all.filter(({ at_s }) => at_s > began_s);
    return {
      ...{ ok: ended.ok, stage: ended.stage, reason: ended.reason, wrong: rig.wrong, errors: rig.errors },
      stages: after(timeline.stages).map(({ stage }) => stage),
      reasons: [...new Set(after(timeline.states).flatMap(({ state }) => state.reasons))],
      speed: rig.speed,
    };
  } finally {
    await rig.close();
  }
}
