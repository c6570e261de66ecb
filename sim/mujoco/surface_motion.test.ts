import { beforeAll, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { EngineRig, grasp, PANDA, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { MujocoEngine } from './engine.ts';
import { layoutOf } from './layout.ts';
import { writeMjcf } from './mjcf.ts';
import { mujoco, prepareMujoco, viewsOf } from './module.ts';
import { SurfaceMotion } from './surface_motion.ts';

const { model } = PANDA;

beforeAll(prepareMujoco);

it('is how the geoms curve off the straight way, by central differences of their places', () => {
  const rng = createRng(2);
  const mj = mujoco();
  const compiled = mj.MjModel.from_xml_string(writeMjcf(PANDA, tableScene([]), { dt_s: 0.002 }));
  const data = new mj.MjData(compiled);
  const layout = layoutOf(mj, compiled, model, 0);
  const views = viewsOf(compiled, data);
  const surfaces = new SurfaceMotion(model, layout, 1);
  const robot = new RobotData(model);
  const h = 1e-4;
  for (let trial = 0; trial < 5; trial++) {
    const q = PANDA.home_q.map((x, i) => (i < 7 ? x + rng.range(-0.5, 0.5) : 0.02));
    const v = q.map((_, i) => (i < 7 ? rng.range(-1, 1) : rng.range(-0.05, 0.05)));
    for (let b = 0; b < model.nb; b++) {
      views.qpos[layout.link_qpos[b]] = q[model.coordinate[b]];
      views.qvel[layout.link_dof[b]] = v[model.coordinate[b]];
    }
    mj.mj_kinematics(compiled, data);
    surfaces.update(views);
    const places = (t: number, geom: number, b: number): number[] => {
      forwardKinematics(
        model,
        robot,
        q.map((x, i) => x + t * v[i]),
      );
      const m = layout.link_body[b];
      const d = [0, 1, 2].map((k) => views.geom_xpos[3 * geom + k] - views.xpos[3 * m + k]);
      const local = [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, k) => sum + views.xmat[9 * m + 3 * k + i] * d[k], 0));
      return [0, 1, 2].map(
        (k) => robot.p[3 * b + k] + [0, 1, 2].reduce((sum, i) => sum + robot.R[9 * b + 3 * k + i] * local[i], 0),
      );
    };
    for (let k = 0; k < layout.link_geom.length; k += 5) {
      const geom = layout.link_geom[k];
      const b = layout.link_geom_body[k];
      const [before, now, after] = [-h, 0, h].map((t) => places(t, geom, b));
      for (let i = 0; i < 3; i++) {
        const curve = (before[i] - 2 * now[i] + after[i]) / (h * h);
        const surface = [0, 1, 2].reduce(
          (sum, j) => sum + views.geom_xmat[9 * geom + 3 * i + j] * views.geom_surfacevel[6 * geom + j],
          0,
        );
        expect(Math.abs(surface - curve), `trial ${trial}, geom ${geom}, axis ${i}`).toBeLessThan(1e-5);
      }
    }
  }
  data.delete();
  compiled.delete();
});

it('keeps what a swinging arm holds within 0.1 mm, where it slid millimetres', () => {
  const rig = grasp({ type: 'box', size: [0.04, 0.05, 0.04] }, 20, { mass_kg: 0.2 }, (scene, q) => {
    return new EngineRig(new MujocoEngine(PANDA, scene), q);
  });
  const home = Float64Array.from(rig.command.position);
  const away = toolDown([0.6, -0.15, 0.3], 0.4, Float64Array.from(rig.engine.q));
  const start = rig.relative(0);
  for (let k = 0; k < 3; k++) {
    rig.move(away, 500);
    rig.move(home, 500);
  }
  const end = rig.relative(0);
  expect(Math.hypot(...end.map((x, k) => x - start[k]))).toBeLessThan(1e-4);
  rig.engine.dispose();
});
