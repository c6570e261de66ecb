import type { PhysicsEngine, WorldPoses } from './engine.ts';

const POSE = 12;
const STATE = 13;

/** Where everything is now: the pose of each of `bodies` of the robot, as `bodyPose` gives it; then each object's state. */
export function copyPoses(engine: PhysicsEngine, bodies: number): Float64Array {
  const values = new Float64Array(POSE * bodies + STATE * engine.object_count);
  const pose = new Float64Array(POSE);
  for (let b = 0; b < bodies; b++) {
    engine.bodyPose(b, pose);
    values.set(pose, POSE * b);
  }
  for (let i = 0; i < engine.object_count; i++) engine.objectState(i, values, POSE * bodies + STATE * i);
  return values;
}

/** Where everything was when `copyPoses` wrote `values`. */
export class CopiedPoses implements WorldPoses {
  private readonly values: Float64Array;
  private readonly bodies: number;

  constructor(values: Float64Array, bodies: number) {
    this.values = values;
    this.bodies = bodies;
  }

  bodyPose(body: number, out: Float64Array): void {
    for (let k = 0; k < POSE; k++) out[k] = this.values[POSE * body + k];
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const { values, bodies } = this;
    for (let k = 0; k < STATE; k++) out[offset + k] = values[POSE * bodies + STATE * index + k];
  }
}
