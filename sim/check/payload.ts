import { forwardKinematics, frameIndex, pointJacobian, RobotData, rnea } from '../../dynamics/index.ts';
import { check, type Law, type PhysicsCheck, stepsOf, within } from './check.ts';
import { Grasp, releaseGrasp } from './grasp.ts';
import { panda } from './robots.ts';
import { G_M_S2, stateOf } from './scenes.ts';

const SHAPE = { type: 'box', size: [0.04, 0.05, 0.06] } as const;

/** What the arm holds at rest is felt: in the joints as Jᵀ w beyond the arm's own weight, and at the wrist. */
export const payload: Law = (setting) =>
  (setting.thorough ? [0.1, 0.5, 1.5] : [0.5]).flatMap((mass_kg): PhysicsCheck[] => {
    const { model, arm_joints, tcp_frame } = panda();
    const grasp = new Grasp(setting, SHAPE, { mu: 0.9, force_N: 40, mass_kg });
    for (let k = 0; k < stepsOf(setting, 1); k++) grasp.step();
    const { engine } = grasp;
    const data = new RobotData(model);
    const own = new Float64Array(model.nq);
    forwardKinematics(model, data, engine.q);
    rnea(model, data, null, null, own);
    const J = new Float64Array(6 * model.nq);
    const at = stateOf(engine, 0);
    pointJacobian(model, data, model.frames[frameIndex(model, tcp_frame)].body, at, 0, J);
    const weight = mass_kg * G_M_S2;
    let error = 0;
    let size = 0;
    for (let i = 0; i < arm_joints; i++) {
      const expected = J[2 * model.nq + i] * weight;
      error += (engine.tau[i] - own[i] - expected) ** 2;
      size += expected ** 2;
    }
    const wrench = new Float64Array(6);
    engine.handWrench(wrench);
    releaseGrasp(grasp);
    const name = `payload of ${mass_kg} kg`;
    return [
      check(`${name}: joint torques beyond Jᵀ w, in ‖Jᵀ w‖`, 0, Math.sqrt(error / size), 0.01, '1'),
      within(0.01, `${name}: force at the wrist, z`, -weight, wrench[2], 'N'),
      check(`${name}: force at the wrist, across`, 0, Math.hypot(wrench[0], wrench[1]), 0.01 * weight, 'N'),
    ];
  });
