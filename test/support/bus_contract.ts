import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Action, Backpressure, Bus, Service, Topic } from '../../contracts/index.ts';

function topic(name: string, backpressure: Backpressure, retained = false): Topic<{ n: number }> {
  return {
    name,
    schema: z.object({ n: z.number() }),
    ros_type: 'std_msgs/msg/Int32',
    qos: { reliability: 'reliable', durability: retained ? 'transient_local' : 'volatile', depth: 10 },
    backpressure,
    units: '1',
  };
}

const double: Service<{ n: number }, { n: number }> = {
  name: '/double',
  request: z.object({ n: z.number() }),
  response: z.object({ n: z.number() }),
  ros_type: 'test_msgs/srv/BasicTypes',
};

const count: Action<{ to: number }, { at: number }, { total: number }> = {
  name: '/count',
  goal: z.object({ to: z.number().positive() }),
  feedback: z.object({ at: z.number() }),
  result: z.object({ total: z.number() }),
  ros_type: 'test_msgs/action/Fibonacci',
};

/** What every bus must do. `make` gives a fresh bus and `settle`, which waits until nothing is under way. */
export function busContract(make: () => { bus: Bus; settle: () => Promise<void> }): void {
  it('delivers in order to every subscriber', async () => {
    const { bus, settle } = make();
    const seen: string[] = [];
    const numbers = topic('/numbers', { kind: 'queue', depth: 10 });
    bus.subscribe(numbers, 'a', ({ n }) => void seen.push(`a${n}`));
    bus.subscribe(numbers, 'b', ({ n }) => void seen.push(`b${n}`));
    for (let n = 0; n < 3; n++) bus.publish(numbers, { n });
    await settle();
    expect(seen.filter((s) => s.startsWith('a'))).toEqual(['a0', 'a1', 'a2']);
    expect(seen.filter((s) => s.startsWith('b'))).toEqual(['b0', 'b1', 'b2']);
  });

  it('keeps the newest of a sensor and counts what a slow subscriber lost', async () => {
    const { bus, settle } = make();
    const sensor = topic('/sensor', { kind: 'latest' });
    const seen: number[] = [];
    const subscription = bus.subscribe(sensor, 'slow', async ({ n }) => {
      seen.push(n);
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    for (let n = 0; n < 10; n++) bus.publish(sensor, { n });
    await settle();
    expect(seen).toEqual([0, 9]);
    expect(subscription.stats()).toMatchObject({ received: 10, dropped: 8, queued: 0 });
  });

  it('keeps the oldest of a queue up to its depth and counts the rest', async () => {
    const { bus, settle } = make();
    const commands = topic('/commands', { kind: 'queue', depth: 3 });
    const seen: number[] = [];
    const subscription = bus.subscribe(commands, 'slow', async ({ n }) => {
      seen.push(n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    });
    for (let n = 0; n < 6; n++) bus.publish(commands, { n });
    await settle();
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(subscription.stats().dropped).toBe(2);
  });

  it('calls a subscriber again only when it has finished, also when it publishes to itself', async () => {
    const { bus, settle } = make();
    const echo = topic('/echo', { kind: 'queue', depth: 5 });
    let depth = 0;
    const seen: number[] = [];
    bus.subscribe(echo, 'echo', ({ n }) => {
      expect(++depth).toBe(1);
      seen.push(n);
      if (n < 3) bus.publish(echo, { n: n + 1 });
      depth--;
    });
    bus.publish(echo, { n: 0 });
    await settle();
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('gives the last message of a transient local topic to late subscribers, and of no other', async () => {
    const { bus, settle } = make();
    const seen: string[] = [];
    const state = topic('/state', { kind: 'queue', depth: 1 }, true);
    const event = topic('/event', { kind: 'queue', depth: 1 });
    bus.publish(state, { n: 1 });
    bus.publish(event, { n: 1 });
    bus.subscribe(state, 'late', ({ n }) => void seen.push(`state${n}`));
    bus.subscribe(event, 'late', ({ n }) => void seen.push(`event${n}`));
    await settle();
    expect(seen).toEqual(['state1']);
  });

  it('counts who subscribes', () => {
    const { bus } = make();
    const numbers = topic('/numbers', { kind: 'queue', depth: 10 });
    expect(bus.subscribers(numbers)).toBe(0);
    const first = bus.subscribe(numbers, 'a', () => {});
    bus.subscribe(numbers, 'b', () => {});
    bus.subscribe(topic('/others', { kind: 'latest' }), 'a', () => {});
    expect(bus.subscribers(numbers)).toBe(2);
    first.unsubscribe();
    expect(bus.subscribers(numbers)).toBe(1);
  });

  it('stops delivering once unsubscribed', async () => {
    const { bus, settle } = make();
    const numbers = topic('/numbers', { kind: 'queue', depth: 10 });
    let seen = 0;
    const subscription = bus.subscribe(numbers, 'a', () => void seen++);
    bus.publish(numbers, { n: 0 });
    await settle();
    subscription.unsubscribe();
    bus.publish(numbers, { n: 1 });
    await settle();
    expect(seen).toBe(1);
  });

  it('answers services, and says which service has no server or a wrong request', async () => {
    const { bus } = make();
    await expect(bus.call(double, { n: 2 })).rejects.toThrow(/\/double.*no server/);
    const stop = bus.serve(double, ({ n }) => ({ n: 2 * n }));
    expect(await bus.call(double, { n: 21 })).toEqual({ n: 42 });
    const wrong: unknown = { n: 'two' };
    await expect(bus.call(double, wrong as { n: number })).rejects.toThrow(/\/double/);
    expect(() => bus.serve(double, ({ n }) => ({ n }))).toThrow(/already/);
    stop();
    await expect(bus.call(double, { n: 2 })).rejects.toThrow(/no server/);
  });

  it('runs actions to one result, with feedback and cancellation', async () => {
    const { bus, settle } = make();
    const events: string[] = [];
    bus.serveAction(count, (goal, handle) => {
      handle.feedback({ at: 1 });
      handle.onCancel(() => handle.abort({ total: 1 }));
      if (goal.to < 5) handle.succeed({ total: goal.to });
    });
    const callbacks = {
      onFeedback: ({ at }: { at: number }) => void events.push(`at ${at}`),
      onResult: (status: string, { total }: { total: number }) => void events.push(`${status} ${total}`),
    };
    bus.sendGoal(count, { to: 2 }, callbacks);
    await settle();
    expect(events).toEqual(['at 1', 'succeeded 2']);
    const goal = bus.sendGoal(count, { to: 9 }, callbacks);
    goal.cancel();
    goal.cancel();
    await settle();
    expect(events.slice(2)).toEqual(['at 1', 'canceled 1']);
    expect(() => bus.sendGoal(count, { to: -1 }, callbacks)).toThrow(/\/count/);
  });
}
