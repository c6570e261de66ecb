import { describe, expect, it } from 'vitest';
import { InProcessBus, type OfferedPolicy, TOPICS } from '../../contracts/index.ts';
import type { World } from '../protocol/index.ts';
import { Policies } from './policies.ts';

const SENSING: OfferedPolicy = {
  ...{ name: 'sensing', version: '1', model_sha256: 'a'.repeat(64), task: 'pick-place', rate_hz: 25 },
  ...{ told: 'robot', ask_below: 0 },
};
const TOLD: OfferedPolicy = { ...SENSING, name: 'told', model_sha256: 'b'.repeat(64), told: 'state' };

async function policiesIn(world: World['kind']) {
  const bus = new InProcessBus({ validate: true });
  let changes = 0;
  const policies = new Policies(bus, world, () => changes++);
  policies.start();
  bus.publish(TOPICS.offered_policies, { stamp_ns: 0n, policies: [SENSING, TOLD] });
  await bus.settled();
  return { policies, changes: () => changes };
}

describe('policies that the robot’s side offers', () => {
  it('may all be started in a simulation', async () => {
    const { policies, changes } = await policiesIn('simulation');
    expect(changes()).toBe(1);
    expect(policies.message().policies.map(({ name, refusal }) => [name, refusal])).toEqual([
      ['sensing', ''],
      ['told', ''],
    ]);
    expect(policies.find(TOLD.model_sha256)).toEqual(TOLD);
    expect(policies.find('c'.repeat(64))).toBe('no such policy is offered');
  });

  it('may not be started on a real robot where they are told what no sensor says', async () => {
    const { policies } = await policiesIn('real');
    const refusal = 'told is told the true state of the world, which only a simulation knows';
    expect(policies.message().policies.map((one) => one.refusal)).toEqual(['', refusal]);
    expect(policies.find(SENSING.model_sha256)).toEqual(SENSING);
    expect(policies.find(TOLD.model_sha256)).toBe(refusal);
  });
});
