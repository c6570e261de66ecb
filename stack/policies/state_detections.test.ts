import { expect, test } from 'vitest';
import { type Detections, InProcessBus, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../../contracts/index.ts';
import { convexHull } from '../../robots/index.ts';
import { boxMesh } from '../../test/support/mesh_files.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { StateDetectionsNode } from './state_detections.ts';

test('a mesh is told as the box about it, at that box’s middle; a primitive as it is', async () => {
  // Beside its own origin, turned by a quarter about z.
  const mesh = convexHull(boxMesh([0.02, 0.04, 0.06], [0.1, 0, 0.03]).vertices);
  const orientation = [0, 0, Math.SQRT1_2, Math.SQRT1_2] as const;
  const ball = { type: 'sphere', radius: 0.03 } as const;
  const scene = tableScene([sceneObject(mesh, [0.5, 0.2, 0], { orientation }), sceneObject(ball, [0.4, 0, 0.03])]);
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const heard: Detections[] = [];
  bus.subscribe(TOPICS.detections, 'test', (message) => void heard.push(message));
  const node = new StateDetectionsNode(scene, new PosedEngine(scene.objects));
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  clock.advance(secondsToStamp(0.25));
  node.deactivate();
  await bus.settled();
  expect(heard).toHaveLength(2);
  const [box, other] = heard[0].detections;
  if (box.shape.type !== 'box') throw new Error('not a box');
  [0.02, 0.04, 0.06].forEach((x, k) => void expect(box.shape.type === 'box' && box.shape.size[k]).toBeCloseTo(x, 12));
  [0.5, 0.3, 0.03].forEach((x, k) => void expect(box.pose.position[k]).toBeCloseTo(x, 12));
  expect(box.pose.orientation).toEqual(orientation);
  expect(other.shape).toEqual(ball);
  expect(other.pose.position).toEqual([0.4, 0, 0.03]);
});
