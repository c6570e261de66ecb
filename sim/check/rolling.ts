import { type Law, type LawSetting, type PhysicsCheck, release, stepsOf, within } from './check.ts';
import { bystander } from './robots.ts';
import { G_M_S2, item, launch, onSlope, sceneOf, stateOf } from './scenes.ts';

const RADIUS_M = 0.04;
const MU = 0.6;
const SHAPE = { type: 'cylinder', radius: RADIUS_M, length: 0.1 } as const;
/** On its side, axis along y. */
const ON_SIDE = [Math.SQRT1_2, 0, 0, Math.SQRT1_2] as const;

/** Speed (m/s) along the table of a cylinder 1 s after it was launched at `speed` and turning at `spin` (rad/s). */
function speedAfter(setting: LawSetting, speed: number, spin: number): number {
  const cylinder = item(SHAPE, [0, 0, RADIUS_M], { friction: MU, orientation: ON_SIDE });
  const engine = setting.create(bystander(), sceneOf([cylinder], { friction: MU }), { dt_s: setting.dt_s });
  for (let k = 0; k < stepsOf(setting, 0.3); k++) engine.step();
  launch(engine, 0, [speed, 0, 0], [0, spin, 0]);
  for (let k = 0; k < stepsOf(setting, 1); k++) engine.step();
  const now = stateOf(engine, 0)[7];
  release(engine);
  return now;
}

/** Acceleration (m/s²) down a slope of `tilt_rad`, from rest. */
function accelerationOn(setting: LawSetting, tilt_rad: number): number {
  const [position, [, y, , w]] = onSlope(tilt_rad, 0, RADIUS_M);
  const s = Math.SQRT1_2;
  const orientation = [s * w, s * y, -s * y, s * w] as const;
  const scene = sceneOf([item(SHAPE, position, { friction: MU, orientation })], { friction: MU, tilt_rad });
  const engine = setting.create(bystander(), scene, { dt_s: setting.dt_s });
  const speed = () => {
    const state = stateOf(engine, 0);
    return Math.hypot(state[7], state[9]);
  };
  for (let k = 0; k < stepsOf(setting, 0.3); k++) engine.step();
  const before = speed();
  for (let k = 0; k < stepsOf(setting, 0.5); k++) engine.step();
  const gained = speed() - before;
  release(engine);
  return gained / 0.5;
}

/** A solid cylinder rolls on at its speed, is left with two thirds of a speed it slid at, and rolls down at 2/3 g sin α. */
export const rolling: Law = (setting): PhysicsCheck[] => [
  within(0.03, 'rolling cylinder: speed after 1 s', 0.4, speedAfter(setting, 0.4, 0.4 / RADIUS_M), 'm/s'),
  within(0.03, 'rolling cylinder launched without spin: speed', 0.4, speedAfter(setting, 0.6, 0), 'm/s'),
  within(
    0.03,
    'rolling cylinder on a slope of 0.2 rad: acceleration',
    (2 / 3) * G_M_S2 * Math.sin(0.2),
    accelerationOn(setting, 0.2),
    'm/s²',
  ),
];
