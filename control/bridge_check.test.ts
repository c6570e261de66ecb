import { describe, expect, it } from 'vitest';
import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng, type Rng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits, OutputMonitor, SafetyGate, Supervisor } from '../safety/index.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { SimpleDriver } from '../test/support/simple_driver.ts';
import { sweep } from '../test/support/sweep.ts';
import { bridgeContact } from './bridge_check.ts';
import { ControlLoop } from './loop.ts';
import { MotionPath } from './motion_path.ts';

const ROBOT = loadRobot('panda');
const HZ = 500;
const N = ROBOT.arm_joints;
const NAMES = ROBOT.model.joint_names.slice(0, N);
const HOME = ROBOT.home_q.slice(0, N);
const ENVELOPE = { ...envelopeForRobot(ROBOT), workspace: null };
const LIMITS = envelopeLimits(ENVELOPE);

const ball = (x: number, y: number, z: number, radius = 0.03): Obstacle => ({
  name: 'ball',
  shape: { type: 'sphere', radius },
  pose: { position: [x, y, z], orientation: [0, 0, 0, 1] },
});

/** A bridge from a motion at speed to a trajectory that begins elsewhere. */
function bridge(rng: Rng): MotionPath {
  const from = HOME.map((q) => q + rng.range(-0.3, 0.3));
  const start = from.map((q) => q + rng.range(-0.4, 0.4));
  const path = new MotionPath(NAMES);
  path.load(
    restToRest(
      start,
      start.map((q) => q + rng.range(-0.2, 0.2)),
      LIMITS,
      0.5,
      1 / HZ,
      NAMES,
    ),
  );
  const velocity = LIMITS.velocity.slice(0, N).map((v) => v * rng.range(-0.5, 0.5));
  path.bridgeFrom({ position: from, velocity, acceleration: new Float64Array(N) }, LIMITS, 1 / HZ, 1);
  return path;
}

describe('the check of a bridge', () => {
  it('finds what touches on it, and nothing where nothing does, as every other millisecond of it shows', () => {
    const rng = createRng(81);
    const world = new CollisionWorld(ROBOT);
    const wide = new CollisionWorld(ROBOT);
    wide.margin_m = 0.002;
    const q = new Float64Array(N);
    const seen = { touching: 0, free: 0 };
    for (let c = 0; c < sweep(60, 120); c++) {
      const path = bridge(rng);
      const obstacles = Array.from({ length: 5 }, () =>
        ball(rng.range(0.2, 0.6), rng.range(-0.3, 0.3), rng.range(0.3, 0.8)),
      );
      world.setObstacles(obstacles);
      wide.setObstacles(obstacles);
      path.sample(0, q);
      if (wide.collides(q)) continue;
      const contact = bridgeContact(path, N, world);
      let touches = false;
      let nearly = false;
      for (let t_s = 0; t_s <= path.bridge_s; t_s += 2e-3) {
        path.sample(t_s, q);
        touches ||= world.collides(q);
        nearly ||= wide.collides(q);
      }
      if (contact === null) expect(touches, `case ${c} is found free`).toBe(false);
      else expect(nearly, `case ${c} is found to touch: ${contact}`).toBe(true);
      seen[contact === null ? 'free' : 'touching']++;
    }
    expect(Math.min(seen.touching, seen.free), JSON.stringify(seen)).toBeGreaterThan(sweep(4, 8));
  });

  it('refuses a goal that would be joined through an obstacle, and comes to rest on the path of the one before', () => {
    const turned = (angle_rad: number) => HOME.map((q, i) => (i === 0 ? q + angle_rad : q));
    const world = new CollisionWorld(ROBOT);
    for (const blocked of [true, false]) {
      const driver = new SimpleDriver(ROBOT);
      const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
      const follower = { bridge_check: world };
      const loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor: new Supervisor(), follower });
      let cycle = 0;
      const run = (cycles: number) => {
        for (let k = 0; k < cycles; k++) loop.tick(++cycle / HZ);
      };
      run(5);
      loop.startTrajectory(restToRest(HOME, turned(0.8), LIMITS, 0.3, 1 / HZ, NAMES));
      run(300);
      const { position, velocity } = gate.lastCommand;
      const back = position[0] - HOME[0] - 0.48;
      const away = restToRest(turned(back), turned(back - 0.05), LIMITS, 0.05, 1 / HZ, NAMES);
      // Where the hand has just been, something is now.
      world.setObstacles(blocked ? [ball(0.307 * Math.cos(back), 0.307 * Math.sin(back), 0.6)] : []);
      const there = gate.lastCommand.position[0];
      const monitor = new OutputMonitor(ENVELOPE, ROBOT, HZ, position, velocity);
      const start = () => loop.startTrajectory(away);
      if (blocked)
        expect(start).toThrow(/^trajectory cannot be joined .*: panda_\w+ would touch ball: start from rest/);
      else expect(start).not.toThrow();
      for (let k = 0; k < 20_000 && loop.follower.active; k++) {
        run(1);
        monitor.look(gate.lastCommand, false);
        expect(world.collides(gate.lastCommand.position)).toBe(false);
      }
      expect([loop.follower.outcome, monitor.violations, gate.limited]).toEqual([blocked ? 'canceled' : 'done', 0, 0]);
      const end = gate.lastCommand.position;
      if (blocked) expect(end[0]).toBeGreaterThan(there);
      for (let i = 1; i < N; i++) expect(end[i]).toBeCloseTo(HOME[i], 9);
    }
  });
});
