import { describe, expect, it } from 'vitest';
import { hardwareTopics, InProcessBus } from '../../contracts/index.ts';
import { HardwareController } from './hardware_controller.ts';

const ARM = ['a', 'b'];
const { trajectory, commands, state } = hardwareTopics('/arm');

function told(joint_names: readonly string[], position: readonly number[]) {
  const rows = { position: Float64Array.from(position), velocity: new Float64Array(position.length) };
  return { stamp_ns: 1n, joint_names, reference: rows, feedback: rows, error: rows };
}

describe('what is known of a hardware controller', () => {
  it('needs somebody who listens, on the topic of its kind', () => {
    const bus = new InProcessBus();
    const controller = new HardwareController(bus, '/arm', 'trajectory', ARM);
    expect(controller.problem(1)).toMatch(/no controller listens on \/arm\/joint_trajectory/);
    bus.subscribe(trajectory, 'controller', () => {});
    expect(controller.problem(2)).toBe('');
    const forward = new HardwareController(bus, '/arm', 'forward', ARM);
    expect(forward.problem(2)).toMatch(/no controller listens on \/arm\/commands/);
    bus.subscribe(commands, 'controller', () => {});
    expect(forward.problem(3)).toBe('');
  });

  it('is active while it tells of itself, and its reference is known then', () => {
    const bus = new InProcessBus();
    const controller = new HardwareController(bus, '/arm', 'trajectory', ARM);
    bus.subscribe(trajectory, 'controller', () => {});
    expect(controller.reference(1)).toBeNull();
    bus.publish(state, told(['b', 'a'], [2, 1]));
    expect(controller.problem(1)).toBe('');
    expect([...(controller.reference(1) ?? [])]).toEqual([1, 2]);
    expect(controller.problem(1.4)).toBe('');
    expect(controller.problem(1.6)).toMatch(/not active/);
    expect(controller.reference(1.6)).toBeNull();
    bus.publish(state, told(ARM, [3, 4]));
    expect(controller.problem(1.7)).toBe('');
  });

  it('must have the joints of the arm, no more and no less', () => {
    const bus = new InProcessBus();
    const controller = new HardwareController(bus, '/arm', 'trajectory', ARM);
    bus.subscribe(trajectory, 'controller', () => {});
    for (const joints of [['a'], ['a', 'c'], ['a', 'b', 'c']]) {
      bus.publish(
        state,
        told(
          joints,
          joints.map(() => 0),
        ),
      );
      expect(controller.problem(1)).toMatch(/the controller has joints .*; the arm's are a, b/);
    }
    bus.publish(state, told(ARM, [0, 0]));
    expect(controller.problem(1)).toBe('');
  });

  it('is heard no more once closed', () => {
    const bus = new InProcessBus();
    const controller = new HardwareController(bus, '/arm', 'trajectory', ARM);
    controller.close();
    expect(bus.subscribers(state)).toBe(0);
  });
});
