import { InputError } from '../../contracts/index.ts';
import { liveCellOptions } from '../../stack/index.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { splitTool, toolOf, toolParameters, toolTold } from './tool_parameters.ts';

export const sim = nodeKind({
  name: 'sim',
  description: 'The simulated world with its arm and cameras',
  // The robot is the cell's.
  parameters: liveCellOptions.omit({ robot: true }).extend(toolParameters),
  busy_s: 1,
  realtime: true,
  pictures: true,
  alone: false,
  in_cell: true,
  channels: ['command', 'state'],
  async build({ name, robot, robot_name, parameters, channels, quit }) {
    const { SimNode } = await import('../../stack/index.ts');
    if (channels === null) throw new InputError('sim', 'has channels only where it is a process of its own');
    const { command, state } = channels;
    return new LateNode(name, async () => {
      const { tool, rest } = splitTool(parameters());
      const cell = { ...rest, robot: robot_name, tool: toolOf(tool, robot) };
      return { nodes: [new SimNode({ name, cell, link: { command, state }, onQuit: quit })], told: toolTold(tool) };
    });
  },
});
