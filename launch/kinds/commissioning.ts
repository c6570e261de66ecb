import { z } from 'zod';
import { CommissioningNode, commissioningSettings } from '../../commissioning/index.ts';
import { envelopeOf } from './envelope_file.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

export const commissioning = nodeKind({
  name: 'commissioning',
  description: 'Runs the stages of the first use of an arm, as surepick commission tells it',
  parameters: commissioningSettings.extend({
    envelope: z.string().default('').describe('File of the safety envelope; empty for the one of the robot'),
  }),
  busy_s: 10,
  realtime: false,
  pictures: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, robot, parameters, report, listens }) {
    let node: CommissioningNode | null = null;
    listens((order) => {
      if (node === null) report({ word: 'error', reason: `${name} is not configured` });
      else node.tell(order);
    });
    return new LateNode(name, async () => {
      const { envelope, ...settings } = parameters();
      node = new CommissioningNode({ ...{ name, robot, settings, report }, envelope: envelopeOf(envelope, robot) });
      return {
        nodes: [node],
        close: async () => {
          node = null;
        },
      };
    });
  },
});
