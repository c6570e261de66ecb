import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { busContract } from '../test/support/bus_contract.ts';
import type { Topic } from './bus.ts';
import { InProcessBus } from './in_process_bus.ts';

describe('the in-process bus', () => {
  busContract(() => {
    const errors: string[] = [];
    const bus = new InProcessBus({ onError: (error, where) => void errors.push(`${where}: ${error}`) });
    return { bus, errors, settle: () => bus.settled() };
  });

  const image: Topic<{ data: Float32Array }> = {
    name: '/image',
    schema: z.object({ data: z.instanceof(Float32Array) }),
    ros_type: 'sensor_msgs/msg/Image',
    qos: { reliability: 'best_effort', durability: 'volatile', depth: 1 },
    backpressure: { kind: 'latest' },
    units: 'm',
  };

  it('passes typed arrays without copying', () => {
    const bus = new InProcessBus();
    const data = new Float32Array(4);
    let got: Float32Array | null = null;
    bus.subscribe(image, 'reader', (message) => {
      got = message.data;
    });
    bus.publish(image, { data });
    expect(got).toBe(data);
  });

  it('keeps a failing subscriber from its publisher and its neighbours, and reports it', async () => {
    const bus = new InProcessBus();
    let reached = 0;
    bus.subscribe(image, 'bad', () => {
      throw new Error('reader broke');
    });
    bus.subscribe(image, 'late', async () => {
      await Promise.resolve();
      throw new Error('later');
    });
    bus.subscribe(image, 'good', () => void reached++);
    bus.publish(image, { data: new Float32Array(1) });
    expect(reached).toBe(1);
    await expect(bus.settled()).rejects.toThrow('reader broke');
    await expect(bus.settled()).resolves.toBeUndefined();
  });

  it('checks messages against their schema when asked to', () => {
    const bus = new InProcessBus({ validate: true });
    const wrong: unknown = { data: [1, 2] };
    expect(() => bus.publish(image, wrong as { data: Float32Array })).toThrow(/\/image/);
  });
});
