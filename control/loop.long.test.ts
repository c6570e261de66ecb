import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits, OutputMonitor, SafetyGate, Supervisor } from '../safety/index.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { SimpleDriver } from '../test/support/simple_driver.ts';
import { ControlLoop } from './loop.ts';

const ROBOT = loadRobot('panda');
const N = ROBOT.arm_joints;
const HZ = 500;
const ENVELOPE = { ...envelopeForRobot(ROBOT), workspace: null };
const LIMITS = envelopeLimits(ENVELOPE);
const NAMES = ROBOT.model.joint_names.slice(0, N);
const HOME = ROBOT.home_q.slice(0, N);

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'goals, cancels, take-overs and speeds at any moment keep the limits and lose no goal, seed %d',
  (seed) => {
    const rng = createRng(seed, 'operator');
    const driver = new SimpleDriver(ROBOT);
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    const loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor: new Supervisor() });
    const { follower } = loop;
    let cycle = 0;
    const run = (cycles: number, look?: OutputMonitor) => {
      for (let k = 0; k < cycles; k++) {
        loop.tick(++cycle / HZ);
        look?.look(gate.lastCommand, false);
      }
    };
    run(5);
    const monitor = new OutputMonitor(ENVELOPE, ROBOT, HZ, gate.lastCommand.position, gate.lastCommand.velocity);
    const history: string[] = [];
    let [taken, refused, limited] = [0, 0, 0];
    for (let step = 0; step < 150; step++) {
      const action = rng.int(4);
      const from = gate.lastCommand.position.slice();
      if (action <= 1) {
        // About home, so that neither the arm nor the gate's obstacles have a say.
        const to = HOME.map((q) => q + rng.range(-0.4, 0.4));
        const moving = !gate.atRest;
        try {
          loop.startTrajectory(restToRest(from, to, LIMITS, rng.range(0.2, 1), 1 / HZ, NAMES));
          taken++;
          history.push(`${cycle} start${moving ? ' in motion' : ''}`);
        } catch (error) {
          refused++;
          history.push(`${cycle} refused ${error}`);
        }
      } else if (action === 2) {
        loop.cancelTrajectory();
        history.push(`${cycle} cancel`);
      } else {
        const speed = rng.uniform() < 0.2 ? 0 : rng.range(0.1, 1);
        follower.setSpeed(speed);
        history.push(`${cycle} speed ${speed}`);
      }
      run(1 + rng.int(250), monitor);
      follower.finished = false;
      const shown = history.slice(-8).join('; ');
      expect(['none', 'done', 'canceled'], shown).toContain(follower.outcome);
      expect(gate.mode, shown).toBe('automatic');
      if (gate.limited > limited) history.push(`${cycle} limited ${gate.limited - limited} ${gate.reasons}`);
      limited = gate.limited;
    }
    follower.setSpeed(1);
    for (let k = 0; k < 20 && follower.active; k++) run(500, monitor);
    expect(follower.active, history.slice(-8).join('; ')).toBe(false);
    expect(monitor.violations).toBe(0);
    expect(refused, history.filter((line) => line.includes('refused')).join('; ')).toBeLessThan(0.05 * taken);
    // The path waits where the gate must limit it, which is rare: jerks of joints that turn about at once.
    expect(limited).toBeLessThan(0.01 * cycle);
  },
);
