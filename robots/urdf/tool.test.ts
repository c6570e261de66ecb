import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../load.ts';

const hand = loadRobot('panda');
const suction = loadRobot('panda', { tool: 'suction' });
const bare = loadRobot('panda', { tool: 'none' });

/** Mass of all moving bodies, kg. */
const mass = (robot: typeof hand) => robot.model.mass.reduce((sum, m) => sum + m, 0);

describe('tools of the Panda', () => {
  it('leave the arm as it is', () => {
    for (const robot of [suction, bare]) {
      expect(robot.model.joint_names).toEqual(hand.model.joint_names.slice(0, 7));
      expect(robot.arm_joints).toBe(7);
      expect(robot.home_q).toEqual(hand.home_q.slice(0, 7));
      expect(robot.gripper).toBeNull();
      for (let b = 0; b < 6; b++) expect(robot.model.mass[b]).toBe(hand.model.mass[b]);
    }
    expect(bare.suction).toBeUndefined();
    expect(hand.suction).toBeUndefined();
  });

  it('weigh what their files say', () => {
    expect(mass(hand) - mass(bare)).toBeCloseTo(0.73 + 2 * 0.015, 12);
    expect(mass(suction) - mass(bare)).toBeCloseTo(0.37, 12);
  });

  it('have the tool frame where the cup ends, on the axis of the flange', () => {
    const place = (robot: typeof hand) => {
      const data = new RobotData(robot.model);
      const T = new Float64Array(12);
      forwardKinematics(robot.model, data, robot.home_q);
      framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), T);
      return T;
    };
    const [flange, cup, fingers] = [bare, suction, hand].map(place);
    for (let k = 0; k < 3; k++) {
      expect(cup[9 + k]).toBeCloseTo(flange[9 + k] + 0.115 * flange[3 * k + 2], 12);
      // Turned as the hand is.
      for (let j = 0; j < 3; j++) expect(cup[3 * k + j]).toBeCloseTo(fingers[3 * k + j], 12);
    }
    expect([bare, suction, hand].map(({ tcp_frame }) => tcp_frame)).toEqual([
      'panda_link8',
      'suction_tcp',
      'panda_hand_tcp',
    ]);
    expect(frameIndex(suction.model, 'wrist_camera_optical_frame')).toBeGreaterThan(0);
    expect(suction.model.collision.map(({ link }) => link)).toContain('suction_cup');
    expect(suction.model.collision.map(({ link }) => link)).not.toContain('panda_leftfinger');
  });

  it('are refused by name, and on other robots', () => {
    // @ts-expect-error no such tool
    expect(() => loadRobot('panda', { tool: 'magnet' })).toThrow(InputError);
    expect(() => loadRobot('ur5.urdf', { tool: 'suction' })).toThrow(/tools can be changed on panda alone/);
  });
});
