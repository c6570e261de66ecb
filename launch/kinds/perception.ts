import { z } from 'zod';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

const stopwatch = () => performance.now() / 1000;

export const perception = nodeKind({
  name: 'perception',
  description: 'Detections from camera pictures',
  parameters: z.strictObject({
    model: z
      .string()
      .min(1)
      .default('vision')
      .describe('Vision model: NAME or NAME@VERSION of the repository, an .onnx file, or classical'),
    processing_latency_s: z
      .number()
      .min(0)
      .max(1)
      .default(0.02)
      .describe('Modelled time from a frame to its detections (s); 0 where it is really spent'),
    only_when_subscribed: z.boolean().default(true).describe('Leave frames alone while nobody reads the detections'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: true,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, parameters }) {
    const { openDetector, PerceptionNode, PerceptionRequestsNode } = await import('../../perception/index.ts');
    return new LateNode(name, async () => {
      const { model, ...options } = parameters();
      const detector = await openDetector(model, { stopwatch });
      const { processing_latency_s } = options;
      return {
        nodes: [new PerceptionNode({ detector, ...options }), new PerceptionRequestsNode({ processing_latency_s })],
        close: () => detector.close(),
      };
    });
  },
});
