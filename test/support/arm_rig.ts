import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { actuatedRobot, CannonEngine, type SceneModel, type SimArmOptions } from '../../sim/index.ts';
import { EngineRig, PANDA, tableScene } from './sim_rig.ts';

/** The Panda alone over a table, its engine and its drives built for the same actuators. */
export function armRig(
  actuators: Partial<SimArmOptions>,
  q: Float64Array = PANDA.home_q,
  scene: SceneModel = tableScene([]),
): EngineRig<CannonEngine> {
  const { robot, armature } = actuatedRobot(PANDA, actuators);
  return new EngineRig(new CannonEngine(robot, scene, { armature }), q, PANDA, actuators);
}

/** Column of the inverse of the joint-space inertia with `armature` on its diagonal, at q: what 1 Nm on that joint gives. */
export function inverseInertiaColumn(q: Float64Array, joint: number, armature: readonly number[] = []): Float64Array {
  const data = new RobotData(PANDA.model);
  forwardKinematics(PANDA.model, data, q);
  crba(PANDA.model, data);
  choleskyFactor(
    data,
    Float64Array.from({ length: PANDA.model.nq }, (_, i) => armature[i] ?? 0),
  );
  const column = new Float64Array(PANDA.model.nq);
  column[joint] = 1;
  choleskySolve(data, column, 0, column, 0);
  return column;
}
