import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT, type Rng } from '../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  matrixFromRpy,
  quaternionFromMatrix,
  RobotData,
  rnea,
} from '../dynamics/index.ts';
import { loadRobot, PANDA_URDF } from './load.ts';
import type { Robot } from './robot.ts';
import { urdfWithTool } from './tool_urdf.ts';
import { robotFromUrdf } from './urdf/load_urdf.ts';
import { CHANGED_TOOL_FRAME, type ToolChange, withTool } from './with_tool.ts';

function tool(rng: Rng, pitch: number): ToolChange {
  const triple = (most: number) => [0, 1, 2].map(() => rng.range(-most, most)) as [number, number, number];
  const rpy = [rng.range(-3, 3), pitch, rng.range(-3, 3)] as const;
  return {
    T_tool_tcp: { position: triple(0.3), orientation: quaternionFromMatrix(matrixFromRpy(rpy)) },
    payload: { mass_kg: rng.range(0.1, 3), com_m: triple(0.1), inertia: [3e-3, 4e-3, 5e-3, 1e-4, -2e-4, 3e-4] },
  };
}

/** Joint torques (Nm) and the pose of the tip in one state of motion. */
function inMotion({ model }: Pick<Robot, 'model'>, q: Float64Array, v: Float64Array, a: Float64Array) {
  const data = new RobotData(model);
  const tau = new Float64Array(model.nq);
  const pose = new Float64Array(12);
  forwardKinematics(model, data, q);
  framePose(model, data, frameIndex(model, CHANGED_TOOL_FRAME), pose);
  rnea(model, data, v, a, tau);
  return [...tau, ...pose];
}

describe.each(['panda', join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf')])(
  'the URDF of %s with a changed tool',
  (spec) => {
    const robot = loadRobot(spec, { visualMeshes: false });
    const text = readFileSync(spec === 'panda' ? PANDA_URDF : spec, 'utf8');

    it('read anew is the robot with that tool, in masses and frames', () => {
      const rng = createRng(5, 'tool urdf');
      for (let round = 0; round < 12; round++) {
        const pitch = round < 2 ? (round === 0 ? 1 : -1) * (Math.PI / 2) : rng.range(-1.5, 1.5);
        const change = tool(rng, pitch);
        const changed = withTool(robot, change);
        const read = robotFromUrdf(urdfWithTool(text, robot, change), spec === 'panda' ? PANDA_URDF : spec);
        const random = (most: number) => Float64Array.from({ length: robot.model.nq }, () => rng.range(-most, most));
        const [q, v, a] = [random(1.5), random(1), random(2)];
        const expected = inMotion(changed, q, v, a);
        inMotion(read, q, v, a).forEach((x, i) => {
          expect(Math.abs(x - expected[i]), `round ${round}, value ${i}`).toBeLessThan(1e-8);
        });
      }
    });
  },
);

describe('a text that is no URDF', () => {
  it('is refused', () => {
    const robot = loadRobot('panda', { visualMeshes: false });
    expect(() => urdfWithTool('<robot name="a">', robot, tool(createRng(1), 0))).toThrow(/must end with <\/robot>/);
  });
});
