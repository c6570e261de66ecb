import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createCommandRequest, envelopeForRobot, SafetyGate, Supervisor } from '../../safety/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { SimpleDriver } from '../../test/support/simple_driver.ts';
import { ControlLoop } from '../loop.ts';
import { TargetServo } from './target_servo.ts';

const CONTROL_HZ = 500;
const PANDA = loadRobot('panda');
const JOINTS = PANDA.arm_joints;

function createRig() {
  const driver = new SimpleDriver(PANDA);
  const gate = new SafetyGate(envelopeForRobot(PANDA), PANDA, CONTROL_HZ);
  const loop = new ControlLoop({ robot: PANDA, driver, gate, supervisor: new Supervisor() });
  const servo = new TargetServo(PANDA, CONTROL_HZ);
  loop.source = servo;
  let cycle = 0;
  const run = (cycles: number) => {
    for (let k = 0; k < cycles; k++) loop.tick(cycle++ / CONTROL_HZ);
  };
  run(20);
  return { driver, gate, servo, run };
}

describe('servo to a joint target', () => {
  it('comes to rest on targets that change on the way, and the gate passes all of it', () => {
    const { gate, servo, run } = createRig();
    const rng = createRng(4);
    for (let k = 0; k < 200; k++) {
      for (let j = 0; j < JOINTS; j++) servo.target[j] = PANDA.home_q[j] + rng.range(-0.15, 0.15);
      servo.retarget();
      run(20);
    }
    run(500);
    for (let j = 0; j < JOINTS; j++) expect(gate.lastCommand.position[j]).toBeCloseTo(servo.target[j], 9);
    expect(gate.limited).toBe(0);
    expect(gate.interventions.count).toBe(0);
  });

  it('does not press on at a border of the envelope, and leaves it softly', () => {
    const { gate, servo, run } = createRig();
    // Into the wall of the workspace, and back.
    servo.target[3] = 0.5;
    servo.retarget();
    run(3000);
    expect(gate.limited).toBeGreaterThan(0);
    expect(gate.limited).toBeLessThan(600);
    expect(gate.latched).toBe(false);
    servo.target[3] = PANDA.home_q[3];
    servo.retarget();
    run(1500);
    expect(gate.lastCommand.position[3]).toBeCloseTo(PANDA.home_q[3], 9);
  });

  it('gives way to where something holds the arm, before the gate stops it', () => {
    const { driver, gate, servo, run } = createRig();
    driver.disturbance[1] = -60;
    servo.target[1] = PANDA.home_q[1] + 0.3;
    servo.retarget();
    let farthest = 0;
    for (let k = 0; k < 500; k++) {
      // Held as if in a vice.
      driver.state.position[1] = PANDA.home_q[1];
      driver.state.velocity[1] = 0;
      run(1);
      farthest = Math.max(farthest, Math.abs(gate.lastCommand.position[1] - PANDA.home_q[1]));
    }
    expect(farthest).toBeGreaterThan(0.03);
    expect(farthest).toBeLessThan(0.08);
    expect(gate.latched).toBe(false);
    expect(servo.target[1]).toBeCloseTo(PANDA.home_q[1], 2);
  });

  it('stops short of what the gate stops for, where the arm is caught in a moderate motion', () => {
    const { driver, gate, servo, run } = createRig();
    servo.target[1] = PANDA.home_q[1] + 0.6;
    servo.retarget();
    while (gate.lastCommand.velocity[1] < 0.4) run(1);
    const caught = driver.state.position[1];
    let farthest = 0;
    for (let k = 0; k < 500; k++) {
      driver.state.position[1] = caught;
      driver.state.velocity[1] = 0;
      run(1);
      farthest = Math.max(farthest, gate.lastCommand.position[1] - caught);
    }
    expect(farthest).toBeLessThan(0.08);
    expect(gate.latched).toBe(false);
    expect(gate.limited).toBe(0);
  });

  it('allocates nothing in a cycle, with or without a new target', () => {
    const { driver, gate, servo } = createRig();
    const request = createCommandRequest(JOINTS);
    for (const every of [1, 20]) {
      let cycle = 0;
      const growth = heapGrowthPerCall(() => {
        if (cycle++ % every === 0) {
          servo.target[0] = cycle % (2 * every) === 1 ? 0.1 : -0.1;
          servo.retarget();
        }
        servo.update(0, driver.state, gate, request);
      });
      expect(growth, `a target in every ${every}`).toBeLessThanOrEqual(BOXED_NUMBER);
    }
  });
});
