import { quantile } from '../../contracts/index.ts';
import { type FrameModel, frameIndex } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type PhysicsEngine, SECOND_WORLD_FACTORS, type SecondWorldFactor } from '../../sim/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment, type EnvironmentOptions } from '../env/index.ts';
import { effectsName, type PlayedWorld, withoutFactors } from './worlds.ts';

/** How far the arm, and what it moves, come apart when one world's commands are played in another. */
export interface ReplayError {
  /** Of the tool's true position over all steps (m). */
  readonly tool_rms_m: number;
  readonly tool_most_m: number;
  /** Of the joints' readings (rad). */
  readonly joint_rms_rad: number;
  /** Distance between where an object ends in one and in the other world (m): the middle over all objects and the most. */
  readonly object_median_m: number;
  readonly object_most_m: number;
  /** Middle over the episodes of the tool's distance at each step (m), as long as half of them last. */
  readonly tool_by_step_m: readonly number[];
  readonly step_s: number;
}

export interface FactorReplay {
  readonly factor: SecondWorldFactor | 'none' | 'all';
  readonly error: ReplayError;
}

/** Commands of an episode with what came of them. */
interface Motion {
  readonly episode: number;
  readonly actions: readonly Float32Array[];
  readonly track: Track;
}

interface Track {
  /** Per step: the tool's true position 3 (m), then the joints' readings. */
  readonly rows: readonly Float64Array[];
  /** Positions of the objects at the end, 3 each. */
  readonly objects: Float64Array;
}

type Setting = Pick<EnvironmentOptions, 'task' | 'objects' | 'randomize'>;

/**
 * Replays the expert's commands of some episodes of one world in another, open loop, and in that without each of its
 * effects in turn. Engines are loaded before.
 * @param factors  by default all that commands alone, without looking, bring out
 */
export function replayErrors(
  robot: Robot,
  setting: Setting,
  from: PlayedWorld,
  to: PlayedWorld,
  seed: number,
  first: number,
  episodes: number,
  factors: readonly SecondWorldFactor[] = MOVING_FACTORS,
): readonly FactorReplay[] {
  const here = environmentIn(from, setting, robot);
  const motions = Array.from({ length: episodes }, (_, k) => record(here, robot, seed, first + k));
  here.close();
  const compared = (factor: FactorReplay['factor'], world: PlayedWorld): FactorReplay => {
    const there = environmentIn(world, setting, robot);
    const pairs = motions.map((motion) => [motion.track, replay(there, robot, seed, motion)] as const);
    there.close();
    return { factor, error: errorOf(pairs, robot.arm_joints, 1 / there.options.policy_hz) };
  };
  const whole = compared('none', to);
  if (to.second_world === null) return [whole];
  const each = factors.map((factor) => compared(factor, withoutFactors(to, [factor])));
  return [whole, compared('all', withoutFactors(to, SECOND_WORLD_FACTORS)), ...each];
}

/** Effects that commands alone, without looking, bring out. */
const MOVING_FACTORS = SECOND_WORLD_FACTORS.filter(
  (factor) => !['hand_eye', 'frame_jitter', 'depth_holes', 'shading'].includes(factor),
);

function environmentIn(world: PlayedWorld, setting: Setting, robot: Robot): Environment {
  const { engine, around } = world;
  return new Environment(
    { ...DEFAULT_ENVIRONMENT_OPTIONS, ...setting, engine, second_world: effectsName(world), around },
    robot,
  );
}

function record(environment: Environment, robot: Robot, seed: number, episode: number): Motion {
  const actions: Float32Array[] = [];
  const probe = new Probe(robot);
  environment.reset(seed, episode);
  while (!environment.status.terminated && !environment.status.truncated) {
    const action = environment.output.expert_action.slice();
    actions.push(action);
    environment.step(action);
    probe.look(environment);
  }
  return { episode, actions, track: probe.end(environment) };
}

function replay(environment: Environment, robot: Robot, seed: number, { episode, actions }: Motion): Track {
  const probe = new Probe(robot);
  environment.reset(seed, episode);
  for (const action of actions) {
    environment.step(action);
    if (environment.status.failed_stage === 'invalid') break;
    probe.look(environment);
  }
  return probe.end(environment);
}

/** Reads what a world truly does. */
class Probe {
  private readonly rows: Float64Array[] = [];
  private readonly frame: FrameModel;
  private readonly joints: number;
  private readonly pose = new Float64Array(12);

  constructor({ model, tcp_frame, arm_joints }: Robot) {
    this.frame = model.frames[frameIndex(model, tcp_frame)];
    this.joints = arm_joints;
  }

  look(environment: Environment): void {
    const engine = running(environment);
    const { pose, frame, joints } = this;
    const row = new Float64Array(3 + joints);
    engine.bodyPose(frame.body, pose);
    for (let k = 0; k < 3; k++) {
      const r = 3 * k;
      row[k] = pose[9 + k] + pose[r] * frame.p[0] + pose[r + 1] * frame.p[1] + pose[r + 2] * frame.p[2];
    }
    for (let j = 0; j < joints; j++) row[3 + j] = engine.q[j];
    this.rows.push(row);
  }

  end(environment: Environment): Track {
    const engine = running(environment);
    const state = new Float64Array(13);
    const objects = new Float64Array(3 * engine.object_count);
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, state, 0);
      objects.set(state.subarray(0, 3), 3 * i);
    }
    return { rows: this.rows, objects };
  }
}

function running({ engine }: Environment): PhysicsEngine {
  if (engine === null) throw new Error('a replay looks at a world before its reset');
  return engine;
}

function errorOf(pairs: readonly (readonly [Track, Track])[], joints: number, step_s: number): ReplayError {
  const tool: number[] = [];
  const by_step: number[][] = [];
  const ends: number[] = [];
  let [squares, count] = [0, 0];
  for (const [a, b] of pairs) {
    for (let k = 0; k < Math.min(a.rows.length, b.rows.length); k++) {
      const distance = distanceOf(a.rows[k], b.rows[k], 0);
      tool.push(distance);
      if (by_step.length === k) by_step.push([]);
      by_step[k].push(distance);
      for (let j = 3; j < 3 + joints; j++) squares += (a.rows[k][j] - b.rows[k][j]) ** 2;
      count += joints;
    }
    for (let i = 0; i < a.objects.length; i += 3) ends.push(distanceOf(a.objects, b.objects, i));
  }
  const lasting = by_step.filter((distances) => 2 * distances.length >= pairs.length);
  return {
    tool_rms_m: Math.sqrt(tool.reduce((sum, d) => sum + d * d, 0) / tool.length),
    tool_most_m: quantile(tool, 1),
    joint_rms_rad: Math.sqrt(squares / count),
    object_median_m: quantile(ends, 0.5),
    object_most_m: quantile(ends, 1),
    tool_by_step_m: lasting.map((distances) => quantile(distances, 0.5)),
    step_s,
  };
}

function distanceOf(a: Float64Array, b: Float64Array, at: number): number {
  return Math.hypot(a[at] - b[at], a[at + 1] - b[at + 1], a[at + 2] - b[at + 2]);
}
