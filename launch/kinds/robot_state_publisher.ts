import { z } from 'zod';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { toolOf, toolParameters, toolTold } from './tool_parameters.ts';

export const robot_state_publisher = nodeKind({
  name: 'robot_state_publisher',
  description: 'Frames of the robot from its joint states',
  parameters: z.strictObject({ ...toolParameters }),
  busy_s: 2,
  realtime: false,
  pictures: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, robot, robot_name, parameters }) {
    const { RobotStatePublisher } = await import('../../stack/index.ts');
    return new LateNode(name, async () => {
      const said = parameters();
      const tool = toolOf(said, robot);
      return { nodes: [new RobotStatePublisher(robot, { urdf: robot_name, tool })], told: toolTold(said) };
    });
  },
});
