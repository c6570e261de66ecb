import { z } from 'zod';
import { nodeKind } from './kind.ts';

export const robot_state_publisher = nodeKind({
  name: 'robot_state_publisher',
  description: 'Frames of the robot from its joint states',
  parameters: z.strictObject({}),
  busy_s: 2,
  realtime: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ robot, robot_name }) {
    const { RobotStatePublisher } = await import('../../stack/index.ts');
    return new RobotStatePublisher(robot, { urdf: robot_name });
  },
});
