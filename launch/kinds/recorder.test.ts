import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock, TOPICS } from '../../contracts/index.ts';
import { summarizeRecording } from '../../datasets/index.ts';
import { loadRobot, robotFromUrdf } from '../../robots/index.ts';
import { envelopeForRobot, parseEnvelope } from '../../safety/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { recorder } from './recorder.ts';

const robot = loadRobot('panda');

/** What a recorder of a cell without channels writes, told `joint_states` joint states. */
async function recorded(folder: string, given: object, joint_states: number) {
  const parameters = recorder.parameters.parse(given);
  const none = () => {};
  const node = await recorder.build({
    ...{ name: 'recorder', namespace: '/left', robot, robot_name: 'panda', out_dir: folder, channels: null },
    ...{ cell: { nodes: [], programs: [] }, heard: [], stopsArm: none, fail: none, quit: none, report: none },
    ...{ listens: none, parameters: () => parameters, parametersOf: (kind) => kind.parameters.parse({}) },
  });
  const [bus, clock] = [new InProcessBus(), new SimClock()];
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  const row = new Float64Array(1);
  for (let k = 0; k < joint_states; k++)
    bus.publish(TOPICS.joint_states, { stamp_ns: 0n, names: ['a'], position: row, velocity: row, effort: row });
  await bus.settled();
  const told = node.diagnostics?.() ?? {};
  node.deactivate();
  await node.cleanup();
  return told;
}

it('records with what the arm is, what its gate lets through and what the graph consists of', async () => {
  await withFolder(async (folder) => {
    const told = await recorded(folder, { jpeg_quality: 70 }, 3);
    expect(told).toMatchObject({ write_failure: '', left_out_messages: 0 });
    const [file] = readdirSync(folder);
    expect(file).toMatch(/^graph_left-\d+\.mcap$/);
    const { attachments, metadata, messages } = await summarizeRecording(join(folder, file));
    const text = (name: string) => Buffer.from(attachments.find((one) => one.name === name)?.data ?? []).toString();
    expect(messages).toBe(3);
    expect(robotFromUrdf(text('panda.urdf'), 'panda.urdf').model.name).toBe('panda');
    expect(parseEnvelope(JSON.parse(text('envelope.json')))).toEqual(envelopeForRobot(robot));
    expect(JSON.parse(text('run.json'))).toEqual({ namespace: '/left', robot: 'panda', nodes: [] });
    expect(metadata.get('surepick')).toEqual({ namespace: '/left', robot: 'panda', jpeg_quality: '70' });
  });
});

it('refuses a disk that has less room than it is told to ask for', async () => {
  await withFolder(async (folder) => {
    await expect(recorded(folder, { disk_start_MB: 1e9 }, 0)).rejects.toThrow(/at least 1000000000 MB are needed/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
