import { z } from 'zod';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

export const tracks = nodeKind({
  name: 'tracks',
  description: 'Objects that keep their number, from the detections of all cameras',
  parameters: z.strictObject({
    latest_s: z
      .number()
      .min(0)
      .max(10)
      .default(0.3)
      .describe('Detections older than the newest by more than this are left out (s)'),
    shown_from: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.9)
      .describe('An object is shown once it has been this probable to be there'),
    persistent: z
      .number()
      .min(0)
      .max(0.99)
      .default(0.9)
      .describe('Share of the variance of a detection that stays from picture to picture of one camera'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, parameters }) {
    const { DEFAULT_MOTION, TracksNode } = await import('../../perception/index.ts');
    return new LateNode(name, async () => {
      const { latest_s, shown_from, persistent } = parameters();
      const tracker = { shown_from, motion: { ...DEFAULT_MOTION, persistent } };
      return { nodes: [new TracksNode({ latest_s, tracker })] };
    });
  },
});
