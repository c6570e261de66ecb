import { describe, expect, it } from 'vitest';
import { createRng, type Pose } from '../contracts/index.ts';
import {
  composePoses,
  forwardKinematics,
  frameIndex,
  framePose,
  poseFrom12,
  RobotData,
  rnea,
} from '../dynamics/index.ts';
import { loadRobot } from './load.ts';
import { withPayload } from './payload.ts';
import { CHANGED_TOOL_FRAME, withTool } from './with_tool.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const half = Math.sin(Math.PI / 8);
const T_tool_tcp: Pose = { position: [0.01, -0.02, 0.15], orientation: [half, 0, 0, Math.cos(Math.PI / 8)] };

describe('a changed tool', () => {
  it('has its tip where the old frame and the offset put it, in every pose', () => {
    const changed = withTool(robot, { T_tool_tcp, payload: null });
    const rng = createRng(2, 'tools');
    const data = new RobotData(changed.model);
    const poseOf = (frame: string, q: Float64Array) => {
      const values = new Float64Array(12);
      forwardKinematics(changed.model, data, q);
      framePose(changed.model, data, frameIndex(changed.model, frame), values);
      return poseFrom12(values);
    };
    for (let round = 0; round < 50; round++) {
      const q = robot.home_q.map((value) => value + rng.range(-0.5, 0.5));
      const expected = composePoses(poseOf(robot.tcp_frame, q), T_tool_tcp);
      const tip = poseOf(CHANGED_TOOL_FRAME, q);
      tip.position.forEach((x, k) => {
        expect(Math.abs(x - expected.position[k])).toBeLessThan(1e-12);
      });
      tip.orientation.forEach((x, k) => {
        expect(Math.abs(x - expected.orientation[k])).toBeLessThan(1e-12);
      });
    }
    expect(changed.tcp_frame).toBe(CHANGED_TOOL_FRAME);
    expect(robot.tcp_frame).toBe('panda_hand_tcp');
  });

  it('weighs what its payload weighs', () => {
    const payload = { mass_kg: 0.8, com_m: [0, 0, 0.06] as const };
    const torque = (of: typeof robot) => {
      const data = new RobotData(of.model);
      const tau = new Float64Array(of.model.nq);
      forwardKinematics(of.model, data, of.home_q);
      rnea(of.model, data, new Float64Array(of.model.nq), new Float64Array(of.model.nq), tau);
      return tau;
    };
    expect(torque(withTool(robot, { T_tool_tcp, payload }))).toEqual(torque(withPayload(robot, payload)));
    expect(torque(withTool(robot, { T_tool_tcp, payload: null }))).toEqual(torque(robot));
  });

  it('is changed once', () => {
    const changed = withTool(robot, { T_tool_tcp, payload: null });
    expect(() => withTool(changed, { T_tool_tcp, payload: null })).toThrow(/^tool of panda: can be changed once/);
    expect(() => withTool(robot, { T_tool_tcp, payload: { mass_kg: -1 } })).toThrow(/mass_kg -1/);
  });
});
