import type { Rng, Vector3 } from '../contracts/index.ts';
import type { LiftLine, Planned } from './motion_planner.ts';
import {
  type Carried,
  NOT_WITHIN_REACH,
  type PickMotions,
  type PickScene,
  type PickWay,
  type PutWay,
  type ReachedGrasp,
} from './pick_motions.ts';
import {
  candidates,
  compute,
  connect,
  fallback,
  generate,
  merge,
  Serial,
  type Solution,
  type Stage,
} from './stages/index.ts';
import type { Turn } from './turning.ts';

/** What the stages of taking an object start from. */
export interface TakeQuery {
  readonly start: Float64Array;
  /** Distance between the fingers at the start (m), NaN where it is not known. */
  readonly finger_width_m: number;
  /** The scene at every distance kept from others, the one liked most first. */
  readonly scenes: readonly PickScene[];
  /** Grasps that the arm reaches, those liked most first; `fail` is told why others are not. */
  readonly grasps: (fail: (reason: string) => void) => Iterable<ReachedGrasp & { readonly cost: number }>;
  readonly openings: (candidate: ReachedGrasp, scene: PickScene) => readonly number[];
}

/** A way to take the object, and what it was planned among. */
export interface Reached {
  readonly scene: PickScene;
  readonly way: PickWay;
  /** Tells that this grasp leads nowhere however the fingers are opened. */
  readonly giveUp: () => void;
}

/** What has come to nothing at one distance from others. */
interface DeadEnds {
  count: number;
}

/** What the stages of putting it down start from. */
export interface PutQuery {
  readonly carried: Carried;
  readonly spots: readonly Vector3[];
}

/** A way to put it down, and where. */
export interface Put {
  readonly way: PutWay;
  readonly spot: Vector3;
}

interface Chosen {
  readonly query: TakeQuery;
  readonly scene: PickScene;
  readonly candidate: ReachedGrasp;
  readonly open_width_m: number;
  readonly giveUp: () => void;
  readonly dead_ends: DeadEnds;
}

interface Lined extends Chosen {
  readonly line: LiftLine;
}

interface Approached extends Lined {
  readonly path: readonly Float64Array[];
  readonly open_on_the_way: boolean;
}

/** Widths the fingers pass on their way (m), and how long that takes. */
interface Opening {
  readonly widths_m: readonly number[];
  readonly seconds_s: number;
}

/** So much in vain and no more grasps are tried at one distance from others; a search for a path counts for several. */
const MOST_DEAD_ENDS = 32;
const PATH_DEAD_ENDS = 2;
/** Why the grasps that were liked less were left alone. */
export const OTHERS_NOT_TRIED = 'so many grasps led nowhere that others were not tried';

/** Steps in which the fingers' way is looked at, at least (m). */
const WIDTH_STEP_M = 0.01;

function openingOf({ query: { finger_width_m: from }, open_width_m: to }: Chosen, speed_m_s: number): Planned<Opening> {
  if (!(from >= 0)) return { ok: false, reason: 'the width of the fingers at the start is not known' };
  const steps = Math.ceil(Math.abs(to - from) / WIDTH_STEP_M);
  const widths_m = Array.from({ length: steps }, (_, k) => from + ((to - from) * k) / steps);
  return { ok: true, value: { widths_m, seconds_s: Math.abs(to - from) / speed_m_s } };
}

/** Arm and fingers may go together where the whole way is free at every width the fingers pass. */
function joinOpening({ motion }: PickMotions): (at: Approached, opening: Opening) => Planned<Approached> {
  const { world } = motion;
  return (at, { widths_m }) => {
    const taken = widths_m.find((width_m) => {
      world.setGripperWidth(width_m);
      return !motion.pathFree(at.path);
    });
    world.setGripperWidth(at.open_width_m);
    if (taken === undefined) return { ok: true, value: { ...at, open_on_the_way: true } };
    return { ok: false, reason: 'the way is not free while the fingers open' };
  };
}

/** Stages from a resting arm to the object in the hand over where it stood: grasp, opening, line, lift, ways there and back. */
export function takeStages(motions: PickMotions): Serial<TakeQuery, Reached> {
  const { motion } = motions;
  const duration = (path: readonly Float64Array[]): number => motions.duration(path);
  const seconds = ({ path }: Approached): number => duration(path);
  const approach = (at: Lined, rng: Rng): Planned<Approached> => {
    motions.reachFor(at.scene, at.open_width_m);
    const path = motion.jointPath(at.query.start, at.line.top, rng);
    if (path.ok) return { ok: true, value: { ...at, path: path.value, open_on_the_way: false } };
    at.dead_ends.count += PATH_DEAD_ENDS;
    return path;
  };
  const speed_m_s = motion.robot.gripper?.max_speed_m_s ?? 0;
  const opening = (at: Lined): Planned<Opening> => openingOf(at, speed_m_s);
  return Serial.of<TakeQuery, { query: TakeQuery; scene: PickScene }>(
    'take',
    candidates('distances', (query) => query.scenes.map((scene) => ({ query, scene }))),
  )
    .next(
      generate('grasps', function* ({ query, scene }, _rng, fail) {
        const dead_ends: DeadEnds = { count: 0 };
        for (const candidate of query.grasps(fail)) {
          if (dead_ends.count >= MOST_DEAD_ENDS) {
            fail(OTHERS_NOT_TRIED);
            return;
          }
          yield { value: { query, scene, candidate, dead_ends }, cost: candidate.cost };
        }
      }),
    )
    .next(
      generate('openings', function* ({ query, scene, candidate, dead_ends }): Generator<Solution<Chosen>> {
        let given_up = false;
        const giveUp = (): void => {
          given_up = true;
          dead_ends.count++;
        };
        for (const open_width_m of query.openings(candidate, scene)) {
          if (given_up) return;
          yield { value: { query, scene, candidate, dead_ends, open_width_m, giveUp }, cost: 0 };
        }
      }),
    )
    .next(
      compute('grasp line', (chosen: Chosen) => {
        const line = motions.graspLine(chosen.scene, chosen.candidate, chosen.open_width_m);
        return line.ok ? { ok: true, value: { ...chosen, line: line.value } } : line;
      }),
    )
    .next(
      compute('lift', (at: Lined) => {
        const free = motions.lift(at.scene, { grasp: at.candidate.grasp, line: at.line });
        return free.ok ? { ok: true, value: at } : free;
      }),
    )
    .next(
      fallback('approach', [
        merge(
          'open on the way',
          connect('path', approach, seconds),
          compute('opening', opening, ({ seconds_s }) => seconds_s),
          joinOpening(motions),
        ),
        connect('open first', approach, seconds),
      ]),
    )
    .next(
      connect('way back', (at, rng) => {
        const { candidate, open_width_m, open_on_the_way, line, path, scene, giveUp } = at;
        const back = motion.jointPath(line.top, scene.rest_q, rng);
        if (!back.ok) {
          at.dead_ends.count += PATH_DEAD_ENDS;
          return back;
        }
        const abandon = back.value;
        const way: PickWay = { grasp: candidate.grasp, open_width_m, open_on_the_way, line, approach: path, abandon };
        return { ok: true, value: { scene, way, giveUp } };
      }),
    );
}

/** Stages that bring what is held to the first of several spots that will do, let go of it, and bring the arm to rest. */
export function putStages(motions: PickMotions): Serial<PutQuery, Put> {
  const { motion } = motions;
  return Serial.of<PutQuery, { carried: Carried; spot: Vector3 }>(
    'place',
    generate('spots', ({ carried, spots }, _rng, fail) => {
      if (spots.length === 0) fail(`the ${carried.scene.object.class} has no free place to go to`);
      return spots.map((spot) => ({ value: { carried, spot }, cost: 0 }));
    }),
  )
    .next(
      generate('place poses', ({ carried, spot }, rng, fail) => {
        const poses = motions.placePoses(carried, spot, rng);
        if (poses.length === 0) fail(`the ${carried.scene.object.class} ${NOT_WITHIN_REACH}`);
        return poses.map(({ q, cost }) => ({ value: { carried, spot, q }, cost }));
      }),
    )
    .next(
      compute('place line', ({ carried, spot, q }) => {
        const line = motions.placeLine(carried, q);
        return line.ok ? { ok: true, value: { carried, spot, line: line.value } } : line;
      }),
    )
    .next(
      compute('release', (at) => {
        const release = motions.release(at.carried, at.line, at.spot);
        return release.ok ? { ok: true, value: { ...at, release: release.value } } : release;
      }),
    )
    .next(
      connect(
        'way home',
        (at, rng: Rng) => {
          const home = motion.jointPath(at.line.top, at.carried.scene.rest_q, rng);
          return home.ok ? { ok: true, value: { ...at, home: home.value } } : home;
        },
        ({ home }) => motions.duration(home),
      ),
    )
    .next(
      connect(
        'transfer',
        ({ carried, spot, line, release, home }, rng: Rng) => {
          const transfer = motions.transfer(carried, line.top, rng);
          if (!transfer.ok) return transfer;
          const { width_m: release_width_m, placed } = release;
          return { ok: true, value: { spot, way: { release_width_m, placed, line, transfer: transfer.value, home } } };
        },
        ({ way }) => motions.duration(way.transfer),
      ),
    );
}

/** What becomes of every way to take an object: brought to one of several spots. */
export function bringTo<Out>(
  motions: PickMotions,
  spots: readonly Vector3[],
  turn: Turn,
  finish: (reached: Reached, put: Put) => Out,
): Stage<Reached, Out> {
  const put = putStages(motions);
  return {
    name: put.name,
    kind: put.kind,
    *solve(reached, rng, record) {
      const { grasp, line } = reached.way;
      let found = false;
      const carried: Carried = { scene: reached.scene, grasp, from: line.top, near: line.bottom, turn };
      for (const { value, cost } of put.solve({ carried, spots }, rng, record)) {
        found = true;
        yield { value: finish(reached, value), cost };
      }
      if (!found) reached.giveUp();
    },
  };
}
