import { type Law, type LawSetting, type PhysicsCheck, stepsOf, within } from './check.ts';
import { Grasp, releaseGrasp } from './grasp.ts';
import { distance, G_M_S2, stateOf } from './scenes.ts';

const SHAPE = { type: 'box', size: [0.04, 0.05, 0.04] } as const;
const MASS_KG = 0.05;
/** Faster than this the object slips. */
const SLIP_M_S = 1e-3;
/** The load goes to this part of the limit at once, then slowly past it. */
const FROM = 0.8;
const TO = 1.25;
const RAMP_S = 1.2;
/** Speeds are taken over so long a time. */
const WINDOW_S = 0.01;

type Direction = 'straight' | 'across' | 'diagonal' | 'torsion';

interface Slip {
  /** Load at which it slips (N or Nm), and 2 μ N or 2 μ N r. */
  readonly load: number;
  readonly limit: number;
}

/** Loads a grasp ever more until the object slips; Infinity if it never does. */
function slipLoad(setting: LawSetting, mu: number, force_N: number, direction: Direction): Slip {
  const grasp = new Grasp(setting, SHAPE, { mu, force_N, mass_kg: MASS_KG });
  const { engine } = grasp;
  const turning = direction === 'torsion';
  const lever_m = turning ? grasp.lever_m() : 1;
  const limit = 2 * mu * force_N * lever_m;
  const angle = direction === 'straight' ? 0 : direction === 'across' ? Math.PI / 2 : Math.PI / 4;
  const [x, y, z] = [grasp.axis(0), grasp.axis(1), grasp.axis(2)];
  const along = [0, 1, 2].map((i) => (turning ? y[i] : Math.cos(angle) * z[i] + Math.sin(angle) * x[i]));
  const wrench = new Float64Array(6);
  const window = stepsOf(setting, WINDOW_S);
  const steps = stepsOf(setting, RAMP_S);
  let load = Number.POSITIVE_INFINITY;
  let before = grasp.place();
  for (let k = 0; k < steps; k++) {
    const now = limit * Math.min((FROM * k) / (0.2 * steps), FROM + ((TO - FROM) * (k - 0.2 * steps)) / (0.8 * steps));
    // The weight is part of the load, or taken off.
    for (let i = 0; i < 3; i++) wrench[turning ? 3 + i : i] = now * along[i];
    wrench[2] += MASS_KG * G_M_S2;
    engine.pushObject(0, wrench);
    grasp.step();
    wrench.fill(0);
    if (k % window !== window - 1) continue;
    const place = grasp.place();
    const turn = stateOf(engine, 0);
    const speed = turning
      ? lever_m * Math.abs(turn[10] * y[0] + turn[11] * y[1] + turn[12] * y[2])
      : distance(place, before) / WINDOW_S;
    before = place;
    if (speed > SLIP_M_S && k > 2 * window) {
      load = now;
      break;
    }
  }
  releaseGrasp(grasp);
  return { load, limit };
}

/** An object squeezed with N on either side slips at 2 μ N in any direction, in torsion at 2 μ N times the mean lever. */
export const slipLoads: Law = (setting) => {
  const directions: readonly Direction[] = setting.thorough
    ? ['straight', 'across', 'diagonal', 'torsion']
    : ['straight', 'diagonal', 'torsion'];
  const grips = setting.thorough
    ? [0.3, 0.6, 1].flatMap(
        (mu) =>
          [
            [mu, 5],
            [mu, 35],
          ] as const,
      )
    : ([[0.6, 20]] as const);
  return grips.flatMap(([mu, force_N]) =>
    directions.flatMap((direction): PhysicsCheck[] => {
      const once = slipLoad(setting, mu, force_N, direction);
      const twice = slipLoad(setting, mu, 2 * force_N, direction);
      const unit = direction === 'torsion' ? 'Nm' : 'N';
      const name = (N: number) => `slip load, ${direction}, at μ ${mu}, N ${N} N`;
      return [
        within(0.05, name(force_N), once.limit, once.load, unit),
        within(0.05, name(2 * force_N), twice.limit, twice.load, unit),
        within(
          0.05,
          `slip load, ${direction}, at μ ${mu}: ${2 * force_N} N in ${force_N} N`,
          2,
          twice.load / once.load,
          '1',
        ),
      ];
    }),
  );
};
