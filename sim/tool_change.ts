import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { PhysicsEngine } from './engine.ts';
import { createEngine, type EngineOptions } from './engines.ts';
import type { SceneModel, SceneObject } from './scene.ts';

/** Faster than this nobody changes a tool, rad/s. */
const AT_REST = 1e-2;

/** A world whose robot has another tool, and what both have in common. */
export interface ToolChange {
  readonly engine: PhysicsEngine;
  /** The new robot, at home where the arm is. */
  readonly robot: Robot;
  /** The scene as it stands: objects where they are. */
  readonly scene: SceneModel;
}

/**
 * Puts another tool on the arm: a fresh world of the same kind with `to` in place of `from`, the arm's joints where they
 * are and every object in its state. The old tool is taken away, and the fresh engine counts its steps from 0. Throws
 * InputError if the arm moves, holds something, or is another arm; InvalidStateError if the new tool has no room.
 */
export function changeTool(
  engine: PhysicsEngine,
  from: Robot,
  to: Robot,
  scene: SceneModel,
  options: Omit<EngineOptions, 'dt_s'> = {},
): ToolChange {
  const n = from.arm_joints;
  const refuse = (what: string, allowed: string): never => {
    throw new InputError(`tool change at step ${engine.steps}: ${what}`, allowed);
  };
  for (let i = 0; i < n; i++) {
    if (to.model.joint_names[i] !== from.model.joint_names[i] || to.arm_joints !== n) {
      refuse(`${to.name} for ${from.name}`, 'both must have the same arm');
    }
    if (Math.abs(engine.v[i]) > AT_REST) {
      refuse(`joint ${from.model.joint_names[i]} moves at ${engine.v[i]}`, `at most ${AT_REST} rad/s`);
    }
  }
  for (let k = 0; k < engine.object_count; k++) {
    if (engine.handTouches(k)) refuse(`the hand touches object ${k} (${scene.objects[k].name})`, 'let go of it first');
  }
  const states = scene.objects.map((_, k) => {
    const state = new Float64Array(13);
    engine.objectState(k, state, 0);
    return state;
  });
  const objects = scene.objects.map((object, k): SceneObject => {
    const [x, y, z, qx, qy, qz, qw] = states[k];
    return { ...object, pose: { position: [x, y, z], orientation: [qx, qy, qz, qw] } };
  });
  const here = Float64Array.from(to.home_q);
  here.set(engine.q.subarray(0, n));
  const robot: Robot = { ...to, home_q: here };
  const standing: SceneModel = { ...scene, objects };
  const fresh = createEngine(engine.name, robot, standing, { ...options, dt_s: engine.dt_s });
  states.forEach((state, k) => void fresh.setObjectState(k, state));
  return { engine: fresh, robot, scene: standing };
}
