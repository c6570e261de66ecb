import { describe, expect, it } from 'vitest';
import { ACTIONS, createRng, type GoalStatus, type GoPlace, type GoResult, SILENT_LOG } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { PlanningRig } from '../test/support/planning_rig.ts';
import { GoNode } from './go_node.ts';

const robot = loadRobot('panda');

interface Sent {
  readonly status?: GoalStatus;
  readonly result?: GoResult;
  readonly cancel: () => void;
}

/** The rig of a planning node with a go node beside it, each asking the other. */
async function start(seed = 3) {
  const parts: { go?: GoNode } = {};
  const rig = new PlanningRig(seed, {}, { taken: () => parts.go?.busy === true });
  const { bus, clock } = rig;
  const node = new GoNode({ robot, rng: createRng(seed), planning: rig.node });
  parts.go = node;
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  await rig.open();
  const go = (to: GoPlace): Sent => {
    const sent: Sent = { cancel: () => {} };
    const goal = bus.sendGoal(
      ACTIONS.go,
      { to },
      { onResult: (status, result) => Object.assign(sent, { status, result }) },
    );
    return Object.assign(sent, { cancel: () => goal.cancel() });
  };
  const wait = (sent: Sent): GoResult => {
    rig.result = null;
    for (let k = 0; k < 300 && sent.result === undefined; k++) rig.run(0.1);
    if (sent.result === undefined) throw new Error('it goes for more than 30 s');
    return sent.result;
  };
  return { rig, node, go, wait };
}

describe('going for an operator', () => {
  it('retreats and goes home by trajectories of the arm controller, without contact', async () => {
    const { rig, go, wait } = await start();
    expect(wait(go('retreat'))).toEqual({ ok: true, reason: '' });
    expect(wait(go('home'))).toEqual({ ok: true, reason: '' });
    expect(rig.moves).toEqual(['retreat', 'home']);
    expect([...rig.cell.contacts, ...rig.cell.jumps]).toEqual([]);
  });

  it('and a task keep out of each other', async () => {
    const { rig, go, wait } = await start();
    const first = go('retreat');
    rig.send();
    expect(rig.result).toMatchObject({ ok: false, reason: 'another goal is under way; cancel it first' });
    const again = { ok: false, reason: 'the arm goes somewhere already; cancel that first' };
    expect(go('home').result).toEqual(again);
    expect(wait(first).ok).toBe(true);
    rig.send();
    expect(go('home').result).toEqual({ ok: false, reason: 'a task is under way; cancel it first' });
  });

  it('comes to rest before it ends when it is canceled or taken out of service', async () => {
    for (const end of ['cancel', 'deactivate'] as const) {
      const { rig, node, go } = await start();
      const order: string[] = [];
      rig.onMove = () => true;
      const goal = go('retreat');
      rig.whenCanceled(() => order.push(`arm stopped, goal ${goal.status ?? 'open'}`));
      rig.run(1);
      expect(rig.moves).toEqual(['retreat']);
      if (end === 'cancel') goal.cancel();
      else node.deactivate();
      expect(order).toEqual(['arm stopped, goal open']);
      const reason = end === 'cancel' ? 'canceled' : 'the planning node was deactivated';
      expect(goal.result).toEqual({ ok: false, reason });
      expect(node.busy).toBe(false);
    }
  });

  it('does not begin while the safety gate stops the arm, and says what stopped it on the way', async () => {
    const { rig, go, wait } = await start();
    const stop = { mode: 'protective_stop', latched: true, reasons: ['joint 2 velocity'] } as const;
    rig.publishSafety(stop);
    expect(go('home').result?.reason).toBe('stopped by the safety gate (protective stop); joint 2 velocity');
    rig.publishSafety({});
    rig.onMove = (_label, end) => {
      rig.publishSafety(stop);
      end(false, 'stopped on the way');
      return true;
    };
    expect(wait(go('retreat'))).toEqual({
      ok: false,
      reason: 'retreat: stopped on the way; stopped by the safety gate (protective stop); joint 2 velocity',
    });
  });

  it('is given up where no pictures come', async () => {
    const { rig, go, wait } = await start();
    rig.frames = false;
    expect(wait(go('home')).reason).toBe('for 2 s no detections arrive; is the perception node active?');
  });
});
