import type { Benchmark } from './benchmark.ts';
import { clutter } from './clutter.ts';
import { contact } from './contact.ts';
import { controlLoop } from './control_loop.ts';
import { controlTick } from './control_tick.ts';
import { distances } from './distances.ts';
import { episodes } from './episodes.ts';
import { gateBenchmark } from './gate.ts';
import { gym } from './gym.ts';
import { ik } from './ik.ts';
import { perception } from './perception.ts';
import { physicsStep } from './physics_step.ts';
import { planning } from './planning.ts';
import { recording } from './recording.ts';
import { render } from './render.ts';
import { replanning } from './replanning.ts';
import { rosLatency } from './ros_latency.ts';
import { servo } from './servo.ts';
import { stepSplit } from './step_split.ts';
import { teleop } from './teleop.ts';
import { timing } from './timing.ts';
import { trajectory } from './trajectory.ts';

export type { Benchmark, BenchmarkResult, BenchmarkRow } from './benchmark.ts';

/** Every benchmark by the name it is asked for. */
export const BENCHMARKS: readonly Benchmark[] = [
  episodes,
  physicsStep,
  stepSplit,
  render,
  gym,
  controlLoop,
  controlTick,
  gateBenchmark,
  servo,
  trajectory,
  clutter,
  timing,
  ik,
  contact,
  distances,
  planning,
  replanning,
  rosLatency,
  recording,
  perception,
  teleop,
];
