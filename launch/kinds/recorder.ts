import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PANDA_URDF, urdfWithTool } from '../../robots/index.ts';
import type { Cell } from '../graph.ts';
import { control } from './control.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { envelopeInForce } from './risk_budget_file.ts';
import { splitTool, toolOf } from './tool_parameters.ts';

const megabytes = (value: number, what: string) => z.number().min(0).max(1e9).default(value).describe(what);

export const recorder = nodeKind({
  name: 'recorder',
  description: 'Records the topics of the cell into MCAP files of standard ROS 2 messages',
  parameters: z.strictObject({
    folder: z.string().default('').describe('Where files go; empty for the folder of this launch'),
    depth_hz: z.number().min(0.1).max(100).default(5).describe('Depth pictures kept a second'),
    masks: z.string().default('').describe('YAML or JSON file of what is never stored of pictures; empty for nothing'),
    jpeg_quality: z.int().min(1).max(100).default(85).describe('Quality of colour pictures'),
    memory_MB: z
      .number()
      .min(4)
      .max(65_536)
      .default(64)
      .describe('What may wait to be written; beyond it pictures are left out first, joint states last (MB)'),
    disk_start_MB: megabytes(512, 'Free space below which no recording begins (MB)'),
    disk_warn_MB: megabytes(512, 'Free space below which it is said to run out (MB)'),
    disk_pictures_MB: megabytes(256, 'Free space below which pictures are left out (MB)'),
    disk_end_MB: megabytes(64, 'Free space below which the recording ends, whole (MB)'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: true,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, namespace, robot, robot_name, parameters, parametersOf, cell, channels, out_dir }) {
    const { EpisodeRecorder, readMaskRules } = await import('../../datasets/index.ts');
    const { armAttachments, checkMaskRules, createPictureMask, jsonAttachment } = await import('../../stack/index.ts');
    return new LateNode(name, async ({ clock }) => {
      const { folder, depth_hz, jpeg_quality, memory_MB, masks, ...disk } = parameters();
      const rules = masks === '' ? null : readMaskRules(masks);
      if (rules !== null) await checkMaskRules(rules);
      const into = folder === '' ? out_dir : folder;
      mkdirSync(into, { recursive: true });
      const part = namespace.replaceAll('/', '_');
      const gated = parametersOf(control);
      const tool = toolOf(splitTool(gated).tool, robot);
      const urdf = readFileSync(robot_name === 'panda' ? PANDA_URDF : robot_name, 'utf8');
      const described = tool === null ? urdf : urdfWithTool(urdf, robot, tool);
      const recording = new EpisodeRecorder({
        file: join(into, `graph${part}-${clock.now_ns()}.mcap`),
        metadata: { namespace, robot: robot.name },
        ...(rules === null ? {} : { mask: createPictureMask(rules) }),
        attachments: [
          ...armAttachments(robot.name, described, envelopeInForce(gated, robot)),
          jsonAttachment('run.json', { namespace, robot: robot.name, nodes: nodesOf(cell) }),
        ],
        ...{ depth_hz, jpeg_quality, queue_bytes: 1e6 * memory_MB },
        disk_limits: {
          start_bytes: 1e6 * disk.disk_start_MB,
          warn_bytes: 1e6 * disk.disk_warn_MB,
          picture_bytes: 1e6 * disk.disk_pictures_MB,
          end_bytes: 1e6 * disk.disk_end_MB,
        },
        // In one process nodes run in lock-step, and wait for what is slow.
        live: channels !== null,
      });
      return { nodes: [recording] };
    });
  },
});

function nodesOf({ nodes }: Pick<Cell, 'nodes'>): readonly object[] {
  return nodes.map(({ name, kind, parameters }) => ({ name, kind, parameters }));
}
