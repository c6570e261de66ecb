import { describe, expect, it } from 'vitest';
import { DECLINE, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';
import { drawnWorld } from '../../test/support/asked_episode.ts';
import { EscalationRig, seenBox } from '../../test/support/escalation_rig.ts';
import { QuestionWatch } from './question_watch.ts';

type Truth = 'right' | 'other class' | 'other colour' | 'elsewhere';

/** A question about a red box, with a scene in which that is right or wrong. */
async function watched(truth: Truth) {
  const { scene } = drawnWorld();
  const [first] = scene.objects;
  const object = {
    ...first,
    class: truth === 'other class' ? ('cylinder' as const) : ('box' as const),
    colour: truth === 'other colour' ? ('orange' as const) : ('red' as const),
  };
  const x = truth === 'elsewhere' ? 0.54 : 0.51;
  const engine: Pick<PhysicsEngine, 'objectState'> = {
    objectState: (_, out, at) => void out.fill(0, at, at + 13).set([x, 0, 0.02], at),
  };
  const watch = new QuestionWatch({ ...scene, objects: [object] } as SceneModel, engine as PhysicsEngine);
  const rig = new EscalationRig();
  await watch.configure({ bus: rig.bus, clock: rig.clock, log: SILENT_LOG });
  await rig.start();
  return { watch, rig };
}

describe('what is counted of questions', () => {
  it.each<[Truth, string, [number, number, number, number]]>([
    ['right', 'red box', [1, 1, 0, 0]],
    ['right', 'red cylinder', [1, 1, 1, 0]],
    ['right', DECLINE, [1, 1, 0, 0]],
    ['right', '', [1, 0, 0, 0]],
    ['other class', 'red box', [1, 1, 0, 0]],
    ['other class', 'red cylinder', [1, 1, 1, 1]],
    ['other class', DECLINE, [1, 1, 0, 1]],
    ['other class', '', [1, 0, 0, 1]],
    ['other colour', '', [1, 0, 0, 1]],
    ['elsewhere', '', [1, 0, 0, 1]],
    ['elsewhere', 'red box', [1, 1, 0, 0]],
  ])('a guess that is %s and the answer %j: asked, answered, overruled, saves %j', async (truth, answer, told) => {
    const { watch, rig } = await watched(truth);
    const question = rig.ask();
    rig.answer(question, { frame_sha256: 'cd'.repeat(32) });
    if (answer !== '') rig.answer(question, { answer });
    rig.pass(0.1);
    rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
    rig.pass(5);
    const counts = watch.counts();
    const { escalations_asked, escalations_answered, escalations_overruled, saves } = counts;
    expect([escalations_asked, escalations_answered, escalations_overruled, saves]).toEqual(told);
  });

  it('a wrong guess that is still being asked about at the end was not acted on', async () => {
    const { watch, rig } = await watched('other class');
    rig.ask();
    expect(watch.counts()).toMatchObject({ escalations_asked: 1, escalations_answered: 0, saves: 1 });
  });
});
