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
import { candidates, compute, connect, generate, Serial, type Stage } from './stages/index.ts';

/** What the stages of taking an object start from. */
export interface TakeQuery {
  readonly start: Float64Array;
  /** The scene at every distance kept from others, the one liked most first. */
  readonly scenes: readonly PickScene[];
  /** Grasps that the arm reaches, or why there are none. */
  readonly grasps: () => Planned<readonly (ReachedGrasp & { readonly cost: number })[]>;
  readonly openings: (candidate: ReachedGrasp, scene: PickScene) => readonly number[];
}

/** A way to take the object, and what it was planned among. */
export interface Reached {
  readonly scene: PickScene;
  readonly way: PickWay;
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
}

/** Stages from a resting arm to the object in the hand over where it stood: grasp, opening, line, ways there and back. */
export function takeStages(motions: PickMotions): Serial<TakeQuery, Reached> {
  const { motion } = motions;
  const duration = (path: readonly Float64Array[]): number => motions.duration(path);
  const seconds = ({ path }: { readonly path: readonly Float64Array[] }): number => duration(path);
  return Serial.of<TakeQuery, { query: TakeQuery; scene: PickScene }>(
    'take',
    candidates('distances', (query) => query.scenes.map((scene) => ({ query, scene }))),
  )
    .next(
      generate('grasps', ({ query, scene }, _rng, fail) => {
        const grasps = query.grasps();
        if (!grasps.ok) {
          fail(grasps.reason);
          return [];
        }
        return grasps.value.map((candidate) => ({ value: { query, scene, candidate }, cost: candidate.cost }));
      }),
    )
    .next(
      candidates('openings', ({ query, scene, candidate }): readonly Chosen[] =>
        query.openings(candidate, scene).map((open_width_m) => ({ query, scene, candidate, open_width_m })),
      ),
    )
    .next(
      compute('grasp line', (chosen: Chosen) => {
        const line = motions.graspLine(chosen.scene, chosen.candidate, chosen.open_width_m);
        return line.ok ? { ok: true, value: { ...chosen, line: line.value } } : line;
      }),
    )
    .next(
      connect(
        'approach',
        (at: Chosen & { readonly line: LiftLine }, rng) => {
          const path = motion.jointPath(at.query.start, at.line.top, rng);
          return path.ok ? { ok: true, value: { ...at, path: path.value } } : path;
        },
        seconds,
      ),
    )
    .next(
      connect('way back', (at, rng) => {
        const { candidate, open_width_m, line, path: approach, scene } = at;
        const back = motion.jointPath(line.top, scene.rest_q, rng);
        if (!back.ok) return back;
        const way: PickWay = { grasp: candidate.grasp, open_width_m, line, approach, abandon: back.value };
        return { ok: true, value: { scene, way } };
      }),
    )
    .next(
      compute('lift', (reached: Reached) => {
        const free = motions.lift(reached.scene, reached.way);
        return free.ok ? { ok: true, value: reached } : free;
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
        const width = motions.release(at.carried, at.line, at.spot);
        return width.ok ? { ok: true, value: { ...at, release_width_m: width.value } } : width;
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
        ({ carried, spot, line, release_width_m, home }, rng: Rng) => {
          const transfer = motions.transfer(carried, line.top, rng);
          if (!transfer.ok) return transfer;
          return { ok: true, value: { spot, way: { release_width_m, line, transfer: transfer.value, home } } };
        },
        ({ way }) => motions.duration(way.transfer),
      ),
    );
}

/** What becomes of every way to take an object: brought to one of several spots. */
export function bringTo<Out>(
  motions: PickMotions,
  spots: readonly Vector3[],
  finish: (reached: Reached, put: Put) => Out,
): Stage<Reached, Out> {
  const put = putStages(motions);
  return {
    name: put.name,
    kind: put.kind,
    *solve(reached, rng, record) {
      const { grasp, line } = reached.way;
      const carried: Carried = { scene: reached.scene, grasp, from: line.top, near: line.bottom };
      for (const { value, cost } of put.solve({ carried, spots }, rng, record)) {
        yield { value: finish(reached, value), cost };
      }
    },
  };
}
