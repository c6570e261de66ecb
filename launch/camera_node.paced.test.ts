import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { InProcessBus, PACKAGE_ROOT, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import { CameraNode } from './camera_node.ts';
import { restartSchema } from './graph.ts';
import { RevivedNode } from './revived_node.ts';

const SCRIPT = join(PACKAGE_ROOT, 'dist', 'stack', 'live', 'camera_worker.js');

it('a camera thread that is killed is told as gone, begun again after its wait, and takes pictures again', async () => {
  const robot = loadRobot('panda', { visualMeshes: false });
  const world = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 0 } as const;
  const { scene } = drawUnrecordedWorld(world, 0, robot).instance;
  const live = { ...world, episode: 0, robot: 'panda', pace: 1, cameras: true, camera_hz: 15, joint_states: false };
  const [bus, clock] = [new InProcessBus(), new SimClock()];
  const said: string[] = [];
  bus.subscribe(TOPICS.diagnostics, 'test', ({ status }) => void said.push(...status.map(({ message }) => message)));
  let pictures = 0;
  const begun: CameraNode[] = [];
  const node = new RevivedNode({
    ...{ name: 'cameras', full_name: '/cameras', policy: restartSchema.parse({ backoff_s: 1 }) },
    begin: (onLost) => {
      const camera = new CameraNode({ live, scene, onPicture: () => void pictures++, onLost, script: SCRIPT });
      begun.push(camera);
      return camera;
    },
    onLost: ({ message }) => said.push(message),
  });
  const poses = new Float64Array(12 * robot.model.nb + 13 * scene.objects.length);
  const expose = () =>
    begun.at(-1)?.expose({ camera: 'overview', stamp_ns: clock.now_ns(), poses, bodies: robot.model.nb });
  const seen = (more: number) =>
    vi.waitFor(
      () => {
        expose();
        expect(pictures).toBeGreaterThanOrEqual(more);
      },
      { timeout: 60_000, interval: 50 },
    );
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  await seen(1);
  await node.kill();
  expect(said[0]).toMatch(/^the cameras are gone: /);
  const before = pictures;
  clock.advance(secondsToStamp(0.9));
  expose();
  expect(begun).toHaveLength(1);
  clock.advance(secondsToStamp(1.1));
  await seen(before + 1);
  expect(begun).toHaveLength(2);
  await node.cleanup();
});
