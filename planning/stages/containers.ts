import type { Rng } from '../../contracts/index.ts';
import type { Planned } from '../motion_planner.ts';
import { StageRecord } from './record.ts';
import type { Solution, Stage } from './stage.ts';

type Run<In, Out> = (input: In, rng: Rng, record: StageRecord) => Iterable<Solution<Out>>;

/** Stages one after the other: each starts from every solution of the one before, depth first. Costs add up. */
export class Serial<In, Out> implements Stage<In, Out> {
  readonly kind = 'serial';
  readonly name: string;
  private readonly run: Run<In, Out>;

  private constructor(name: string, run: Run<In, Out>) {
    this.name = name;
    this.run = run;
  }

  static of<In, Out>(name: string, first: Stage<In, Out>): Serial<In, Out> {
    return new Serial(name, (input, rng, record) => first.solve(input, rng.stream(first.name), record.child(first)));
  }

  /** The same with one more stage at the end. */
  next<Next>(stage: Stage<Out, Next>): Serial<In, Next> {
    const before = this.run;
    return new Serial(this.name, function* (input: In, rng, record) {
      let k = 0;
      for (const a of before(input, rng, record)) {
        for (const b of stage.solve(a.value, rng.stream(`${stage.name}/${k}`), record.child(stage))) {
          yield { value: b.value, cost: a.cost + b.cost };
        }
        k++;
      }
    });
  }

  *solve(input: In, rng: Rng, record: StageRecord): Generator<Solution<Out>> {
    record.tried++;
    for (const solution of this.run(input, rng, record)) {
      record.solved(solution.cost);
      yield solution;
    }
  }
}

/** The solutions of the first of several stages that has any. */
export function fallback<In, Out>(name: string, stages: readonly Stage<In, Out>[]): Stage<In, Out> {
  return {
    name,
    kind: 'fallback',
    *solve(input, rng, record) {
      record.tried++;
      for (const stage of stages) {
        let found = false;
        for (const solution of stage.solve(input, rng.stream(stage.name), record.child(stage))) {
          found = true;
          record.solved(solution.cost);
          yield solution;
        }
        if (found) return;
      }
    },
  };
}

/** The first `most` solutions of every one of several stages, the cheapest first. */
export function cheapest<In, Out>(name: string, stages: readonly Stage<In, Out>[], most: number): Stage<In, Out> {
  return {
    name,
    kind: 'alternatives',
    *solve(input, rng, record) {
      record.tried++;
      const found = stages.flatMap((stage) => [
        ...first(stage.solve(input, rng.stream(stage.name), record.child(stage)), most),
      ]);
      found.sort((a, b) => a.cost - b.cost);
      for (const solution of found) {
        record.solved(solution.cost);
        yield solution;
      }
    },
  };
}

/**
 * Two stages from the same input whose solutions are carried out together, for instance an arm's motion and a gripper's.
 * @param join  makes one of a pair, or says why the two do not go together; the pair costs what the dearer one does
 */
export function merge<In, A, B, Out>(
  name: string,
  a: Stage<In, A>,
  b: Stage<In, B>,
  join: (a: A, b: B, input: In) => Planned<Out>,
): Stage<In, Out> {
  return {
    name,
    kind: 'merge',
    *solve(input, rng, record) {
      record.tried++;
      for (const left of a.solve(input, rng.stream(a.name), record.child(a))) {
        for (const right of b.solve(input, rng.stream(b.name), record.child(b))) {
          const joined = join(left.value, right.value, input);
          if (!joined.ok) {
            record.failed(joined.reason);
            continue;
          }
          const cost = Math.max(left.cost, right.cost);
          record.solved(cost);
          yield { value: joined.value, cost };
        }
      }
    },
  };
}

/** The first solution of a stage, or `stage: reason` of what came furthest, with the record of all that was tried. */
export function solveFirst<In, Out>(
  stage: Stage<In, Out>,
  input: In,
  rng: Rng,
): { readonly planned: Planned<Out>; readonly record: StageRecord } {
  const record = new StageRecord(stage.name, stage.kind);
  for (const { value } of stage.solve(input, rng, record)) return { planned: { ok: true, value }, record };
  return { planned: { ok: false, reason: record.diagnosis() }, record };
}

function* first<T>(items: Iterable<T>, most: number): Generator<T> {
  if (most < 1) return;
  let n = 0;
  for (const item of items) {
    yield item;
    if (++n >= most) return;
  }
}
