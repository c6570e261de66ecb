import { describe, expect, it } from 'vitest';
import { ACTIONS, createRng, InProcessBus, SERVICES, SimClock, secondsToStamp, TOPICS } from '../contracts/index.ts';
import { Wires } from './wires.ts';

function twoNodes() {
  const clock = new SimClock();
  const inner = new InProcessBus();
  const wires = new Wires(clock);
  const [a, b] = [wires.busOf('a', inner), wires.busOf('b', inner)];
  const heard: string[] = [];
  b.subscribe(TOPICS.robot_description, 'b', ({ data }) => void heard.push(data));
  const say = (data: string) => a.publish(TOPICS.robot_description, { data });
  const advance = (to_s: number) => clock.advance(secondsToStamp(to_s));
  return { wires, a, b, inner, heard, say, advance };
}

describe('faults between nodes and bus', () => {
  it('nothing is wrong before one is laid and after it has ended, whatever was laid between', () => {
    const rng = createRng(5, 'wires');
    for (let round = 0; round < 50; round++) {
      const { wires, heard, say, advance } = twoNodes();
      const places = [
        { node: 'a', way: 'says' },
        { node: 'b', way: 'hears' },
      ] as const;
      const ends = Array.from({ length: 1 + rng.int(4) }, () => {
        const place = places[rng.int(2)];
        const laid = [
          () => wires.drop(TOPICS.robot_description, place),
          () => wires.delay(TOPICS.robot_description, place, 0.1),
          () => wires.change(TOPICS.robot_description, place, () => ({ data: 'other' })),
          () => wires.cut(place.node),
        ];
        return laid[rng.int(laid.length)]();
      });
      say('disturbed');
      expect(heard, `round ${round}`).not.toContain('disturbed');
      for (const end of ends) end();
      advance(1);
      heard.length = 0;
      say('plain');
      expect(heard, `round ${round}`).toEqual(['plain']);
    }
  });

  it('touch only their topic, node and way', () => {
    const { wires, heard, say } = twoNodes();
    wires.drop(TOPICS.robot_description, { node: 'a', way: 'hears' });
    wires.drop(TOPICS.robot_description, { node: 'b', way: 'says' });
    wires.drop(TOPICS.joint_states, { node: 'b', way: 'hears' });
    say('x');
    expect(heard).toEqual(['x']);
  });

  it('late messages come in time and in order', () => {
    const { wires, heard, say, advance } = twoNodes();
    const end = wires.delay(TOPICS.robot_description, { node: 'b', way: 'hears' }, 0.1);
    say('1');
    advance(0.05);
    say('2');
    advance(0.0999);
    expect(heard).toEqual([]);
    advance(0.1);
    expect(heard).toEqual(['1']);
    end();
    say('3');
    advance(0.15);
    expect(heard).toEqual(['1', '3', '2']);
  });

  it('a changed message must still be one of its topic', () => {
    const { wires, say } = twoNodes();
    wires.change(TOPICS.robot_description, { node: 'a', way: 'says' }, () => JSON.parse('{"data": 7}'));
    expect(() => say('x')).toThrow(/robot_description: data/);
  });

  it('who is cut off serves nobody, reaches nobody, and gets the results of its goals when it is back', async () => {
    const { wires, a, b } = twoNodes();
    b.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
    let finish = () => {};
    b.serveAction(ACTIONS.gripper, (_goal, handle) => {
      finish = () => handle.succeed({ width_m: 0, stalled: false, reached: true });
    });
    const results: string[] = [];
    a.sendGoal(ACTIONS.gripper, { width_m: 0.02, force_N: 20 }, { onResult: (status) => void results.push(status) });
    for (const node of ['a', 'b']) {
      const end = wires.cut(node);
      await expect(a.call(SERVICES.safety_stop, {})).rejects.toThrow(/out of reach/);
      end();
    }
    const end = wires.cut('a');
    finish();
    expect(results).toEqual([]);
    end();
    expect(results).toEqual(['succeeded']);
    await expect(a.call(SERVICES.safety_stop, {})).resolves.toMatchObject({ success: true });
  });
});
