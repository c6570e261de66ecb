import type { Rng } from '../../contracts/index.ts';
import type { Planned } from '../motion_planner.ts';
import type { StageKind, StageRecord } from './record.ts';

/** Something a stage found, and what it costs: lower is better, costs along a plan add up. */
export interface Solution<T> {
  readonly value: T;
  readonly cost: number;
}

/**
 * A part of a plan: from one input, which an earlier part found, to any number of solutions. They are made one at a time as
 * they are asked for, so that whoever is content with the first pays for no other. Everything tried goes into the record.
 * After MoveIt Task Constructor (Görner et al., ICRA 2019), with lazy depth-first search in place of its scheduler.
 */
export interface Stage<In, Out> {
  readonly name: string;
  readonly kind: StageKind;
  solve(input: In, rng: Rng, record: StageRecord): Iterable<Solution<Out>>;
}

/** Counts for a stage: its solutions as they are taken. */
function* counted<T>(solutions: Iterable<Solution<T>>, record: StageRecord): Generator<Solution<T>> {
  for (const solution of solutions) {
    record.solved(solution.cost);
    yield solution;
  }
}

/**
 * Candidates for what comes next.
 * @param make  the candidates in the order they are to be tried; `fail` takes the reason for one that there is not
 */
export function generate<In, Out>(
  name: string,
  make: (input: In, rng: Rng, fail: (reason: string) => void) => Iterable<Solution<Out>>,
): Stage<In, Out> {
  return {
    name,
    kind: 'generate',
    *solve(input, rng, record) {
      record.tried++;
      yield* counted(
        make(input, rng, (reason) => record.failed(reason)),
        record,
      );
    },
  };
}

/** Candidates of no cost of their own, from a list. */
export function candidates<In, Out>(name: string, list: (input: In) => readonly Out[]): Stage<In, Out> {
  return generate(name, (input) => list(input).map((value) => ({ value, cost: 0 })));
}

/** One answer to one input, or the reason there is none. */
function answer<In, Out>(
  name: string,
  kind: StageKind,
  run: (input: In, rng: Rng) => Planned<Out>,
  cost: (value: Out) => number,
): Stage<In, Out> {
  return {
    name,
    kind,
    *solve(input, rng, record) {
      record.tried++;
      const found = run(input, rng);
      if (!found.ok) {
        record.failed(found.reason);
        return;
      }
      const solution = { value: found.value, cost: cost(found.value) };
      record.solved(solution.cost);
      yield solution;
    },
  };
}

/** A check, or anything that follows from what is there already. */
export function compute<In, Out>(
  name: string,
  run: (input: In, rng: Rng) => Planned<Out>,
  cost: (value: Out) => number = () => 0,
): Stage<In, Out> {
  return answer(name, 'compute', run, cost);
}

/** A motion between two states that earlier stages found. */
export function connect<In, Out>(
  name: string,
  run: (input: In, rng: Rng) => Planned<Out>,
  cost: (value: Out) => number = () => 0,
): Stage<In, Out> {
  return answer(name, 'connect', run, cost);
}
