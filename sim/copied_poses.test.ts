import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { PosedEngine } from '../test/support/posed_engine.ts';
import { CopiedPoses, copyPoses } from './copied_poses.ts';
import { PickPlaceTask } from './tasks/index.ts';

it('says where everything was when it was copied, whatever moves afterwards', () => {
  const { scene } = new PickPlaceTask().reset(createRng(3));
  const engine = new PosedEngine(scene.objects);
  engine.yaw = 0.7;
  const bodies = 2;
  const told = (poses: Pick<PosedEngine, 'bodyPose' | 'objectState'>): Float64Array[] => [
    ...[0, 1].map((body) => {
      const pose = new Float64Array(12);
      poses.bodyPose(body, pose);
      return pose;
    }),
    ...scene.objects.map((_, i) => {
      const state = new Float64Array(15);
      poses.objectState(i, state, 2);
      return state;
    }),
  ];
  const copied = new CopiedPoses(copyPoses(engine, bodies), bodies);
  const before = told(engine);
  engine.body = [9, 9, 9];
  engine.state.fill(7);
  expect(told(copied)).toEqual(before);
  expect(told(engine)).not.toEqual(before);
});
