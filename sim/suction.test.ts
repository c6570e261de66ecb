import { beforeAll, describe, expect, it } from 'vitest';
import { InputError, type Shape, type Vector3 } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { EngineRig, PANDA, sceneObject, tableScene, toolDown } from '../test/support/sim_rig.ts';
import type { PhysicsEngine } from './engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from './engines.ts';
import type { SceneModel } from './scene.ts';
import { SuctionCup } from './suction.ts';

const G = 9.81;
const ROBOT = loadRobot('panda', { tool: 'suction' });
const PLATE: Shape = { type: 'box', size: [0.12, 0.12, 0.02] };
const FULL_N = 60_000 * Math.PI * 0.018 ** 2;

interface Cell {
  readonly rig: EngineRig;
  readonly cup: SuctionCup;
  readonly run: (steps: number, before?: (k: number) => void) => void;
  readonly lift: (height: number) => void;
}

/** The cup pressed on the middle of what stands at (0.5, 0.1), `offset` beside it and `gap` above, vacuum off. */
function cell(
  name: string,
  shape: Shape,
  mass_kg: number,
  options: { offset?: number; gap?: number; com_m?: Vector3; friction?: number } = {},
): Cell {
  const top = shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? 2 * shape.radius : 2 * shape.radius;
  const lying = shape.type === 'cylinder' ? { orientation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] as const } : {};
  const com = options.com_m ? { com_m: options.com_m } : {};
  const friction = options.friction ?? 0.8;
  const object = sceneObject(shape, [0.5, 0.1, top / 2], { mass_kg, friction, ...lying, ...com });
  const scene: SceneModel = { ...tableScene([object], friction) };
  const at = (height: number) => toolDown([0.5 + (options.offset ?? 0), 0.1, top + height], 0, ROBOT.home_q, ROBOT);
  const gap = options.gap ?? -2e-4;
  const rig = new EngineRig(createEngine(name, ROBOT, scene), at(Math.max(gap, 0.004)), ROBOT);
  rig.grip(0, 0);
  const cup = new SuctionCup(ROBOT, scene, rig.engine);
  rig.move(at(gap), 150);
  rig.run(50);
  return {
    rig,
    cup,
    run: (steps, before) =>
      rig.run(steps, (k) => {
        before?.(k);
        cup.actuate();
      }),
    lift: (height) =>
      rig.move(toolDown([0.5 + (options.offset ?? 0), 0.1, top + height], 0, ROBOT.home_q, ROBOT), 300, () =>
        cup.actuate(),
      ),
  };
}

const height = (rig: EngineRig) => rig.object(0)[2];

describe.each([...ENGINE_NAMES])('suction cup in %s', (name) => {
  beforeAll(() => prepareEngine(name));

  // MuJoCo's contacts creep while they are loaded, so that a lip slides off sooner.
  const margin = name === 'cannon' ? 0.05 : 0.1;

  it(`holds ${1 - margin} of its vacuum force and lets go of ${1 + margin}`, () => {
    for (const [part, holds] of [
      [1 - margin, true],
      [1 + margin, false],
    ] as const) {
      const { rig, cup, run, lift } = cell(name, PLATE, 0.3);
      cup.on = true;
      run(150);
      expect(cup.force_N).toBeCloseTo(FULL_N, 1);
      lift(0.1);
      const pull = part * FULL_N - 0.3 * G;
      run(400, (k) => rig.engine.pushObject(0, [0, 0, -pull * Math.min(1, k / 200), 0, 0, 0]));
      expect(cup.force_N > 0, `${part} of the force`).toBe(holds);
      if (holds) expect(height(rig)).toBeGreaterThan(0.1);
      else expect(height(rig)).toBeLessThan(0.1);
    }
  });

  it('is a weight at the wrist while it hangs, and drops it when the vacuum is off', () => {
    const { rig, cup, run, lift } = cell(name, PLATE, 0.8);
    cup.on = true;
    run(100);
    lift(0.15);
    run(200);
    const { wrench } = rig.arm.read();
    // Tool frame axes: z down.
    expect(Math.abs(wrench[2] / (0.8 * G) - 1)).toBeLessThan(0.01);
    expect(Math.hypot(wrench[0], wrench[1])).toBeLessThan(0.02 * 0.8 * G);
    expect(height(rig)).toBeGreaterThan(0.14);
    cup.on = false;
    run(400);
    expect(cup.vacuum_Pa).toBe(0);
    expect(height(rig)).toBeLessThan(0.02);
  });

  it('slides at μ times its load', () => {
    for (const [part, holds] of [
      [0.9, true],
      [1.1, false],
    ] as const) {
      // Little friction, so that the arm does not give way to the push.
      const plate: Shape = { type: 'box', size: [0.16, 0.16, 0.01] };
      const { rig, cup, run, lift } = cell(name, plate, 0.1, { friction: 0.1 });
      cup.on = true;
      run(150);
      lift(0.1);
      run(100);
      const shear = part * 0.1 * (FULL_N - 0.1 * G);
      const start = rig.relative(0);
      // At the face of the cup, so that nothing tips: 5 mm above the centre of mass.
      run(200, (k) => {
        const f = shear * Math.min(1, k / 100);
        rig.engine.pushObject(0, [f, 0, 0, 0, f * 0.005, 0]);
      });
      const end = rig.relative(0);
      const way = Math.hypot(end[0] - start[0], end[1] - start[1]);
      if (holds) expect(way, `${part} of μ F`).toBeLessThan(1.5e-3);
      else expect(way, `${part} of μ F`).toBeGreaterThan(3e-3);
    }
  });

  it('does not seal past an edge, on a gap, on a round too tight, or on nothing', () => {
    const seals = (...args: [Shape, { offset?: number; gap?: number }?]) => {
      const { cup, run, rig } = cell(name, args[0], 0.2, args[1]);
      cup.on = true;
      run(60);
      expect(height(rig)).toBeLessThan(0.06);
      return cup.force_N > 1;
    };
    expect(seals(PLATE)).toBe(true);
    expect(seals(PLATE, { offset: 0.04 })).toBe(true);
    expect(seals(PLATE, { offset: 0.045 })).toBe(false);
    expect(seals(PLATE, { gap: 0.001 })).toBe(true);
    expect(seals(PLATE, { gap: 0.002 })).toBe(false);
    expect(seals({ type: 'cylinder', radius: 0.03, length: 0.1 })).toBe(false);
    expect(seals(PLATE, { offset: 0.2 })).toBe(false);
  });

  it('loses what is tilted out of its lip', () => {
    // 5 kg with its centre 3 cm beside the cup: more moment than the rim can carry.
    const { cup, run, lift, rig } = cell(name, PLATE, 4.5, { com_m: [0.035, 0, 0] });
    cup.on = true;
    run(150);
    lift(0.12);
    run(200);
    expect(cup.force_N).toBe(0);
    expect(height(rig)).toBeLessThan(0.08);
  });
});

describe('suction cup', () => {
  it('pulls equally and oppositely: forces and moments of its pushes add up to nothing', () => {
    const { rig, cup, lift } = cell('cannon', PLATE, 0.5, { com_m: [0.01, -0.02, 0.003], offset: 0.01 });
    const { engine } = rig;
    const sums: number[][] = [];
    const about = (at: readonly number[], w: ArrayLike<number>) => [
      w[0],
      w[1],
      w[2],
      w[3] + at[1] * w[2] - at[2] * w[1],
      w[4] + at[2] * w[0] - at[0] * w[2],
      w[5] + at[0] * w[1] - at[1] * w[0],
    ];
    let sum = [0, 0, 0, 0, 0, 0];
    const add = (wrench: number[]) => {
      sum = sum.map((x, k) => x + wrench[k]);
    };
    const watched: PhysicsEngine = new Proxy(engine, {
      get: (target, property) => {
        if (property === 'pushBody')
          return (body: number, w: ArrayLike<number>) => {
            const pose = new Float64Array(12);
            engine.bodyPose(body, pose);
            add(about([pose[9], pose[10], pose[11]], w));
            engine.pushBody(body, w);
          };
        if (property === 'pushObject')
          return (index: number, w: ArrayLike<number>) => {
            const { rotation, position } = centreOf(engine, index);
            const com = [0, 1, 2].map(
              (k) => position[k] + rotation[3 * k] * 0.01 - rotation[3 * k + 1] * 0.02 + rotation[3 * k + 2] * 0.003,
            );
            add(about(com, w));
            engine.pushObject(index, w);
          };
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const spied = new SuctionCup(ROBOT, sceneOf(0.5), watched);
    spied.on = true;
    rig.run(200, () => {
      sum = [0, 0, 0, 0, 0, 0];
      spied.actuate();
      sums.push(sum);
    });
    expect(spied.force_N).toBeGreaterThan(60);
    for (const total of sums) for (const x of total) expect(Math.abs(x)).toBeLessThan(1e-9);
    cup.on = false;
    lift(0.01);
  });

  it('goes on from a saved state, and needs a suction tool', () => {
    const a = cell('cannon', PLATE, 0.5);
    a.cup.on = true;
    a.run(20);
    const b = new SuctionCup(ROBOT, sceneOf(0.5), a.rig.engine);
    b.loadState(a.cup.saveState());
    expect(b.vacuum_Pa).toBe(a.cup.vacuum_Pa);
    expect(b.on).toBe(true);
    expect(() => new SuctionCup(PANDA, sceneOf(0.5), a.rig.engine)).toThrow(InputError);
  });
});

function sceneOf(mass_kg: number): SceneModel {
  return tableScene([sceneObject(PLATE, [0.5, 0.1, 0.01], { mass_kg, com_m: [0.01, -0.02, 0.003] })], 0.8);
}

function centreOf(engine: PhysicsEngine, index: number): { rotation: number[]; position: number[] } {
  const s = new Float64Array(13);
  engine.objectState(index, s, 0);
  const [x, y, z, w] = s.subarray(3, 7);
  const rotation = [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
  return { rotation, position: [s[0], s[1], s[2]] };
}
