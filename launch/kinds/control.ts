import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { LIMIT_SOURCES, ros2ControlOptions } from '../../runtime/index.ts';
import { CONTROL_HZ } from '../../stack/index.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { envelopeInForce } from './risk_budget_file.ts';
import { sim } from './sim.ts';
import { splitTool, toolOf, toolParameters, toolTold } from './tool_parameters.ts';

/** Of an arm under ros2_control. */
const hardware = ros2ControlOptions.shape;

export const control = nodeKind({
  name: 'control',
  description: 'Controller, safety gate and driver at loop rate, and their proxy on the bus',
  parameters: z.strictObject({
    driver: z.enum(['sim', 'ros2_control']).default('sim').describe('What the arm is behind'),
    hz: z.int().min(100).max(1000).default(500).describe('Rate of controller, gate and driver (Hz)'),
    envelope: z.string().default('').describe('File of the safety envelope; empty for the one of the robot'),
    risk_budget: z
      .string()
      .default('')
      .describe('File of a risk budget, within which training or data collection explores; empty for none'),
    mode: hardware.mode,
    controller: hardware.controller,
    joint_states: hardware.joint_states,
    gripper_controller: z
      .string()
      .default('')
      .describe('controller with a GripperCommand action; empty: the gripper is not commanded'),
    publish_hz: hardware.publish_hz,
    delay_s: hardware.delay_s,
    limits: z
      .enum(LIMIT_SOURCES)
      .default('described')
      .describe("Where the driver's limits come from that the envelope is compared with"),
    servo: z
      .boolean()
      .default(true)
      .describe('Take twists, joint velocities and poses on /servo/*, which move the arm now'),
    journal: z
      .enum(['recorded', 'on', 'off'])
      .default('recorded')
      .describe('Publish what the gate is told and decides: recorded: where the cell has a recorder'),
    ...toolParameters,
  }),
  busy_s: 0.25,
  realtime: true,
  pictures: false,
  alone: true,
  in_cell: true,
  channels: ['command', 'state', 'observation', 'grant', 'bodies'],
  async build({ name, robot, robot_name, parameters, parametersOf, cell, channels, fail }) {
    const { ControlProxyNode, HardwareArm, ServoProxyNode } = await import('../../runtime/index.ts');
    if (channels === null) throw new InputError('control', 'has channels only where it is a process of its own');
    const { command, state, observation, grant, bodies } = channels;
    return new LateNode(name, async () => {
      const { tool, rest: own } = splitTool(parameters());
      const { driver, hz, envelope: file, risk_budget, gripper_controller, limits, servo, journal, ...rest } = own;
      const envelope = envelopeInForce({ envelope: file, risk_budget }, robot);
      const pace = driver === 'sim' ? paceOf(parametersOf(sim), hz) : 1;
      const bridge = () =>
        ros2ControlOptions.parse({
          ...rest,
          gripper_controller: gripper_controller === '' ? null : gripper_controller,
        });
      const arm =
        driver === 'sim' ? { command, state } : new HardwareArm({ bridge: bridge(), robot, hz, envelope, limits });
      const node = new ControlProxyNode({
        ...{ robot: robot_name, hz, pace, envelope, arm, supervised_by: { observation, grant, bodies } },
        journal: journal === 'recorded' ? cell.nodes.some(({ kind }) => kind === 'recorder') : journal === 'on',
        tool: () => toolOf(tool, robot),
        onFailure: (error) => fail(error.message),
      });
      return { nodes: servo ? [node, new ServoProxyNode(() => node.thread)] : [node], told: toolTold(tool) };
    });
  },
});

/** A simulated arm takes a command at each of its steps, and its controller keeps its pace. */
function paceOf({ pace }: { readonly pace: number }, hz: number): number {
  if (hz !== CONTROL_HZ) throw new InputError(`control: hz ${hz} with driver sim`, `${CONTROL_HZ}, as the world steps`);
  if (pace > 1) throw new InputError(`sim: pace ${pace} of a cell with a controller`, 'at most 1');
  return pace;
}
