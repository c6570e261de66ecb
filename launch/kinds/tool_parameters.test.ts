import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT } from '../../contracts/index.ts';
import {
  composePoses,
  forwardKinematics,
  frameIndex,
  framePose,
  matrixFromRpy,
  poseFrom12,
  quaternionFromMatrix,
  RobotData,
  transformPoint,
} from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { KIND_NAMES, kindOf } from './index.ts';
import { robotWithTool, splitTool, takesTool, toolOf, toolParameters } from './tool_parameters.ts';

const panda = loadRobot('panda', { visualMeshes: false });
const tool = (change: object) => {
  const parsed = kindOf('planning').parameters.parse(change);
  return splitTool(parsed as ReturnType<typeof splitTool>['tool']).tool;
};

describe('the tool of a node', () => {
  it('is a parameter of the kinds that reckon with it, and of no other', () => {
    const taking = KIND_NAMES.filter((name) => takesTool(kindOf(name).parameters));
    expect(taking).toEqual(['sim', 'control', 'robot_state_publisher', 'planning']);
    for (const name of taking)
      for (const [key, schema] of Object.entries(toolParameters))
        expect(kindOf(name).parameters.shape[key], `${name}.${key}`).toBe(schema);
  });

  it('is what the URDF describes where nothing is said', () => {
    expect(toolOf(tool({}), panda)).toBeNull();
    expect(robotWithTool(panda, tool({}))).toBe(panda);
  });

  it('has tip and centre of mass where they are in the frame they are measured from, in every pose', () => {
    const rng = createRng(3, 'tool parameters');
    const triple = (most: number) => [0, 1, 2].map(() => rng.range(-most, most));
    for (const frame of ['', 'panda_link8', 'panda_hand', 'panda_hand_tcp', 'panda_link7']) {
      const [xyz, rpy, com] = [triple(0.3), triple(3), triple(0.1)];
      const said = {
        tool: 'x',
        tool_frame: frame,
        tool_xyz_m: xyz,
        tool_rpy_rad: rpy,
        tool_mass_kg: 0.4,
        tool_com_m: com,
      };
      const parameters = tool(said);
      const changed = robotWithTool(panda, parameters);
      const data = new RobotData(changed.model);
      const q = Float64Array.from(panda.home_q, (x) => x + rng.range(-0.4, 0.4));
      forwardKinematics(changed.model, data, q);
      const at = (name: string) => {
        const pose = new Float64Array(12);
        framePose(changed.model, data, frameIndex(changed.model, name), pose);
        return poseFrom12(pose);
      };
      const from = at(frame === '' ? 'panda_hand_tcp' : frame);
      const orientation = quaternionFromMatrix(matrixFromRpy(parameters.tool_rpy_rad));
      const tip = composePoses(from, { position: parameters.tool_xyz_m, orientation });
      const seen = at(changed.tcp_frame);
      seen.position.forEach((x, k) => {
        expect(Math.abs(x - tip.position[k]), `${frame} position ${k}`).toBeLessThan(1e-9);
      });
      const turn = Math.abs(seen.orientation.reduce((sum, x, k) => sum + x * tip.orientation[k], 0));
      expect(1 - turn, `${frame} turned`).toBeLessThan(1e-9);
      const com_m = toolOf(parameters, panda)?.payload?.com_m ?? [Number.NaN, 0, 0];
      const centre = transformPoint(at('panda_hand_tcp'), com_m);
      transformPoint(from, parameters.tool_com_m).forEach((x, k) => {
        expect(Math.abs(x - centre[k]), `${frame} centre ${k}`).toBeLessThan(1e-9);
      });
      const body = changed.model.frames[frameIndex(changed.model, changed.tcp_frame)].body;
      expect(changed.model.mass[body] - panda.model.mass[body]).toBeCloseTo(0.4, 12);
    }
  });

  it.each([
    [{ tool_mass_kg: 0.3 }, /^tool_mass_kg 0.3 without a tool: give the tool a name/],
    [{ tool_xyz_m: [0, 0, 0.1] }, /^tool_xyz_m 0,0,0.1 without a tool/],
    [{ tool: 'x', tool_com_m: [0, 0, 0.1] }, /^tool_com_m 0 0 0.1 of tool x: needs tool_mass_kg/],
    [{ tool: 'x', tool_frame: 'panda_link3' }, /^tool_frame panda_link3 of panda: .*panda_link8, panda_hand/],
    [{ tool: 'x', tool_frame: 'nothing' }, /^tool_frame nothing of panda: a link that moves with its hand/],
  ])('%j is refused', (change, told) => {
    expect(() => toolOf(tool(change), panda)).toThrow(told);
  });

  it.each([
    ...[{ tool_mass_kg: -1 }, { tool_mass_kg: Number.NaN }, { tool_xyz_m: [0, 0] }],
    ...[{ tool_xyz_m: [0, 0, 9] }, { tool_rpy_rad: [7, 0, 0] }, { tool_com_m: [0, 0, Number.POSITIVE_INFINITY] }],
  ])('%j is out of range', (change) => {
    expect(() => tool(change)).toThrow();
  });

  it('hangs on the tool frame of any robot', () => {
    const robot = loadRobot(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'));
    const changed = robotWithTool(robot, tool({ tool: 'x', tool_xyz_m: [0, 0, 0.1], tool_mass_kg: 1 }));
    expect(changed.tcp_frame).toBe('tool_tcp');
  });
});
