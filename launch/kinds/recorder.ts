import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

export const recorder = nodeKind({
  name: 'recorder',
  description: 'Records the topics of the cell into MCAP files of standard ROS 2 messages',
  parameters: z.strictObject({
    folder: z.string().default('').describe('Where files go; empty for the folder of this launch'),
    depth_hz: z.number().min(0.1).max(100).default(5).describe('Depth pictures kept a second'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: true,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, namespace, parameters, out_dir }) {
    const { EpisodeRecorder } = await import('../../datasets/index.ts');
    return new LateNode(name, async ({ clock }) => {
      const { folder, depth_hz } = parameters();
      const into = folder === '' ? out_dir : folder;
      mkdirSync(into, { recursive: true });
      const part = namespace.replaceAll('/', '_');
      const file = join(into, `graph${part}-${clock.now_ns()}.mcap`);
      return { nodes: [new EpisodeRecorder({ file, metadata: { namespace }, depth_hz })] };
    });
  },
});
