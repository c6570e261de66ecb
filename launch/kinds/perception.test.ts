import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { withFolder } from '../../test/support/recording.ts';
import { nodeSchema } from '../graph.ts';
import { perception } from './perception.ts';

const robot = loadRobot('panda', { visualMeshes: false });

/** What the node warns of when it is configured with a model, in a cell with a simulated world or without. */
async function configured(folder: string, model: string, simulated: boolean): Promise<string[]> {
  const parameters = perception.parameters.parse({ model, providers: ['cpu'] });
  const sim = { ...nodeSchema.parse({ kind: 'sim' }), name: 'sim', process: 'sim', busy_s: 2 };
  const none = () => {};
  const node = await perception.build({
    ...{ name: 'eye', namespace: '', robot, robot_name: 'panda', out_dir: folder, channels: null },
    ...{ cell: { nodes: simulated ? [sim] : [], programs: [] }, heard: [], stopsArm: none, fail: none, quit: none },
    ...{ report: none, listens: none, parameters: () => parameters },
    parametersOf: (kind) => kind.parameters.parse({}),
  });
  const warned: string[] = [];
  const log = { ...SILENT_LOG, warn: (_: object, text: string) => void warned.push(text) };
  try {
    await node.configure({ bus: new InProcessBus(), clock: new SimClock(), log });
  } finally {
    await node.cleanup();
  }
  return warned;
}

describe('a model that nobody signed', () => {
  it('is used and warned of in a simulated world, and refused before a real arm', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'model.onnx');
      cpSync(join(shippedPin().folder, 'model.onnx'), file);
      cpSync(join(shippedPin().folder, 'manifest.json'), join(folder, 'manifest.json'));
      expect((await configured(folder, file, true)).join()).toMatch(/model file@.* is signed by nobody/);
      await expect(configured(folder, file, false)).rejects.toThrow(/nobody vouches for it.*surepick models sign/);
    }));
});

it('takes what the repository vouches for before a real arm, and says nothing', () =>
  withFolder(async (folder) => {
    expect((await configured(folder, 'vision', false)).join()).not.toMatch(/signed/);
  }));
