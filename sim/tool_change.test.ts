import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { EngineRig, PANDA, sceneObject, tableScene, toolDown } from '../test/support/sim_rig.ts';
import { InvalidStateError } from './engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from './engines.ts';
import { SuctionCup } from './suction.ts';
import { changeTool } from './tool_change.ts';

const SUCTION = loadRobot('panda', { tool: 'suction' });
const BOX = { type: 'box', size: [0.04, 0.05, 0.04] } as const;
const PLATE = { type: 'box', size: [0.1, 0.1, 0.02] } as const;
const SCENE = tableScene([
  sceneObject(BOX, [0.5, 0, 0.02], { mass_kg: 0.2 }),
  { ...sceneObject(PLATE, [0.5, 0.2, 0.01], { mass_kg: 0.4 }), name: 'plate' },
]);

describe.each([...ENGINE_NAMES])('a tool change in %s', (name) => {
  beforeAll(() => prepareEngine(name));

  it('keeps arm and objects where they are: fingers move one object, a cup the next', () => {
    const q = toolDown([0.5, 0, 0.02], 0);
    q[7] = 0.04;
    const rig = new EngineRig(createEngine(name, PANDA, SCENE), q);
    // The box is picked and put elsewhere, which the scene as drawn does not know.
    rig.grip(0, 30);
    rig.run(400);
    rig.move(toolDown([0.5, 0, 0.1], 0, q), 200);
    rig.move(toolDown([0.6, -0.2, 0.1], 0, q), 400);
    rig.move(toolDown([0.6, -0.2, 0.021], 0, q), 200);
    rig.grip(0.08, 30);
    rig.run(300);
    rig.move(toolDown([0.6, -0.2, 0.2], 0, q), 300);
    rig.run(300);
    const before = [0, 1].map((k) => rig.object(k));
    const arm = Float64Array.from(rig.engine.q.subarray(0, 7));

    const changed = changeTool(rig.engine, PANDA, SUCTION, SCENE);
    const { engine } = changed;
    expect(engine.name).toBe(name);
    expect([...engine.q]).toEqual([...arm]);
    const next = new EngineRig(engine, Float64Array.from(engine.q), changed.robot);
    [0, 1].forEach((k) => {
      next.object(k).forEach((x, i) => {
        expect(x, `object ${k}, entry ${i}`).toBeCloseTo(before[k][i], 12);
      });
    });
    next.run(300);
    expect(Math.hypot(next.object(0)[0] - 0.6, next.object(0)[1] + 0.2)).toBeLessThan(0.005);

    const cup = new SuctionCup(changed.robot, changed.scene, engine);
    const seed = changed.robot.home_q;
    next.move(toolDown([0.5, 0.2, 0.06], 0, seed, SUCTION), 500);
    next.move(toolDown([0.5, 0.2, 0.0198], 0, seed, SUCTION), 200);
    cup.on = true;
    next.run(150, () => cup.actuate());
    next.move(toolDown([0.5, 0.2, 0.12], 0, seed, SUCTION), 300, () => cup.actuate());
    expect(next.object(1)[2]).toBeGreaterThan(0.1);
  });

  it('is refused in motion, with something in the hand, and where there is no room', () => {
    const moving = createEngine(name, PANDA, SCENE);
    moving.setRobotState(PANDA.home_q, Float64Array.of(0, 0.5, 0, 0, 0, 0, 0, 0));
    expect(() => changeTool(moving, PANDA, SUCTION, SCENE)).toThrow(InputError);
    expect(() => changeTool(moving, PANDA, SUCTION, SCENE)).toThrow(/joint panda_joint2 moves at 0.5/);

    const q = toolDown([0.5, 0, 0.02], 0);
    q[7] = 0.04;
    const holding = new EngineRig(createEngine(name, PANDA, SCENE), q);
    holding.grip(0, 30);
    holding.run(500);
    expect(() => changeTool(holding.engine, PANDA, SUCTION, SCENE)).toThrow(/touches object 0 \(box\): let go/);

    // The hand closes above the box; the longer cup would reach into it.
    const over = createEngine(name, PANDA, SCENE);
    const low = toolDown([0.5, 0, 0.045], 0);
    low[7] = 0.04;
    over.setRobotState(low, new Float64Array(8));
    expect(() => changeTool(over, PANDA, SUCTION, SCENE)).toThrow(InvalidStateError);
  });
});
