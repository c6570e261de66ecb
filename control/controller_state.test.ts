import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { controllerState } from './index.ts';

describe("the controller's state", () => {
  const robot = loadRobot('panda', { visualMeshes: false });
  const { arm_joints } = robot;
  const nq = robot.model.nq;

  it('tells what was sent and what was measured, each finger half of the width, and their difference', () => {
    const rng = createRng(3, 'controller_state');
    const draw = (n: number) => Float64Array.from({ length: n }, () => rng.range(-2, 2));
    const sent = { position: draw(arm_joints), velocity: draw(arm_joints), gripper_width_m: 0.05 };
    const measured = { position: draw(nq), velocity: draw(nq) };
    const { joint_names, reference, feedback, error } = controllerState(robot, 7n, sent, measured);
    expect(joint_names).toEqual(robot.model.joint_names);
    expect([...reference.position]).toEqual([...sent.position, ...Array(nq - arm_joints).fill(0.025)]);
    expect([...reference.velocity]).toEqual([...sent.velocity, ...Array(nq - arm_joints).fill(0)]);
    expect([...feedback.position]).toEqual([...measured.position]);
    error.position.forEach((e, i) => {
      expect(e).toBe(reference.position[i] - measured.position[i]);
    });
    error.velocity.forEach((e, i) => {
      expect(e).toBe(reference.velocity[i] - measured.velocity[i]);
    });
  });

  it('keeps nothing of the arrays it was given: they are overwritten in the next cycle', () => {
    const sent = { position: new Float64Array(arm_joints), velocity: new Float64Array(arm_joints), gripper_width_m: 0 };
    const measured = { position: new Float64Array(nq), velocity: new Float64Array(nq) };
    const told = controllerState(robot, 0n, sent, measured);
    sent.position.fill(1);
    measured.position.fill(2);
    expect([...told.reference.position, ...told.feedback.position].every((value) => value === 0)).toBe(true);
  });
});
