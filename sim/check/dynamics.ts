import { createRng } from '../../contracts/index.ts';
import { crba, forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { compareDynamics, PINOCCHIO_FOLDER, readRecordedDynamics } from '../../robots/index.ts';
import { check, type Law, type PhysicsCheck, release } from './check.ts';
import { freePanda } from './robots.ts';
import { sceneOf } from './scenes.ts';

const TOLERANCE = 1e-9;

/**
 * Robot dynamics against Pinocchio's recorded answers on the Panda, an industrial six-axis arm and random trees; and the
 * engine's own first step from rest against M q̈ + h = τ.
 */
export const dynamics: Law = (setting) => {
  const cases = compareDynamics(readRecordedDynamics(), () => PINOCCHIO_FOLDER);
  const of = (field: keyof (typeof cases)[number]['errors'], name: string): PhysicsCheck =>
    check(`dynamics: ${name}`, 0, Math.max(...cases.map(({ errors }) => errors[field])), TOLERANCE, '1');
  return [
    of('residual', '‖M q̈ + h − τ‖/‖τ‖, M and h by Pinocchio'),
    of('tau', 'RNEA against Pinocchio'),
    of('mass_matrix', 'CRBA against Pinocchio'),
    of('qdd', 'ABA against Pinocchio'),
    of('gravity', 'gravity torques against Pinocchio'),
    of('frames', 'frames against Pinocchio'),
    of('jacobian', 'Jacobian against Pinocchio'),
    check('dynamics: ‖M q̈ + h − τ‖/‖τ‖ of a step from rest', 0, stepResidual(setting), TOLERANCE, '1'),
  ];
};

/** Largest residual of the engine's accelerations over random places and torques. */
function stepResidual(setting: Parameters<Law>[0]): number {
  const { model } = freePanda();
  const n = model.nq;
  const rng = createRng(3, 'step residual');
  const data = new RobotData(model);
  const h = new Float64Array(n);
  const engine = setting.create(freePanda(), sceneOf([]), { dt_s: setting.dt_s });
  let worst = 0;
  for (let trial = 0; trial < 20; trial++) {
    const q = Float64Array.from({ length: n }, () => rng.range(-2, 2));
    engine.setRobotState(q, new Float64Array(n));
    for (let i = 0; i < n; i++) engine.tau[i] = rng.range(-20, 20);
    forwardKinematics(model, data, q);
    rnea(model, data, null, null, h);
    crba(model, data);
    engine.step();
    let error = 0;
    let size = 0;
    for (let i = 0; i < n; i++) {
      let sum = h[i] - engine.tau[i];
      for (let j = 0; j < n; j++) sum += (data.M[i * n + j] * engine.v[j]) / setting.dt_s;
      error += sum * sum;
      size += engine.tau[i] ** 2;
    }
    worst = Math.max(worst, Math.sqrt(error / size));
  }
  release(engine);
  return worst;
}
