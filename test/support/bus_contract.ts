import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Action, Backpressure, Bus, Service, Topic } from '../../contracts/index.ts';

/** A topic of numbers; its ROS form is std_msgs/Int32. */
export function numberTopic(name: string, backpressure: Backpressure, retained = false): Topic<{ n: number }> {
  return {
    name,
    schema: z.object({ n: z.number() }),
    ros_type: 'std_msgs/msg/Int32',
    qos: { reliability: 'reliable', durability: retained ? 'transient_local' : 'volatile', depth: 10 },
    backpressure,
    units: '1',
  };
}

const number = z.object({ n: z.number() });
export const double: Service<{ n: number }, { n: number }> = {
  name: '/double',
  request: number,
  response: number,
  ros_type: 'surepick_msgs/srv/SetSpeed',
};

export const count: Action<{ to: number }, { at: number }, { total: number }> = {
  name: '/count',
  goal: z.object({ to: z.number().positive() }),
  feedback: z.object({ at: z.number() }),
  result: z.object({ total: z.number() }),
  ros_type: 'control_msgs/action/GripperCommand',
};

/** A bus to try, and what its `onError` was told. */
export interface BusUnderTest {
  readonly bus: Bus;
  readonly errors: readonly string[];
  /** Waits until nothing is under way. */
  readonly settle: () => Promise<void>;
}

/** On a loaded machine a message of another process may take long; what never comes fails after this. */
const PATIENCE = { timeout: 30_000, interval: 2 };
const eventually = (check: () => void) => vi.waitFor(check, PATIENCE);

/** A promise that a test resolves. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** What every bus must do. `make` gives a fresh bus. */
export function busContract(make: () => BusUnderTest | Promise<BusUnderTest>): void {
  it('delivers in order to every subscriber', async () => {
    const { bus } = await make();
    const seen: string[] = [];
    const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
    bus.subscribe(numbers, 'a', ({ n }) => void seen.push(`a${n}`));
    bus.subscribe(numbers, 'b', ({ n }) => void seen.push(`b${n}`));
    for (let n = 0; n < 3; n++) bus.publish(numbers, { n });
    await eventually(() => expect(seen).toHaveLength(6));
    expect(seen.filter((s) => s.startsWith('a'))).toEqual(['a0', 'a1', 'a2']);
    expect(seen.filter((s) => s.startsWith('b'))).toEqual(['b0', 'b1', 'b2']);
  });

  it('keeps the newest of a sensor and counts what a slow subscriber lost', async () => {
    const { bus } = await make();
    const sensor = numberTopic('/sensor', { kind: 'latest' });
    const seen: number[] = [];
    const { opened, open } = gate();
    const subscription = bus.subscribe(sensor, 'slow', async ({ n }) => {
      seen.push(n);
      await opened;
    });
    for (let n = 0; n < 10; n++) bus.publish(sensor, { n });
    await eventually(() => expect(subscription.stats().received).toBe(10));
    expect(subscription.stats()).toMatchObject({ dropped: 8, queued: 1 });
    open();
    await eventually(() => expect(seen).toEqual([0, 9]));
    expect(subscription.stats()).toMatchObject({ received: 10, dropped: 8, queued: 0 });
  });

  it('keeps the oldest of a queue up to its depth and counts the rest', async () => {
    const { bus } = await make();
    const commands = numberTopic('/commands', { kind: 'queue', depth: 3 });
    const seen: number[] = [];
    const { opened, open } = gate();
    const subscription = bus.subscribe(commands, 'slow', async ({ n }) => {
      seen.push(n);
      await opened;
    });
    for (let n = 0; n < 6; n++) bus.publish(commands, { n });
    await eventually(() => expect(subscription.stats().received).toBe(6));
    open();
    await eventually(() => expect(seen).toEqual([0, 1, 2, 3]));
    expect(subscription.stats().dropped).toBe(2);
  });

  it('calls a subscriber again only when it has finished, also when it publishes to itself', async () => {
    const { bus, errors } = await make();
    const echo = numberTopic('/echo', { kind: 'queue', depth: 5 });
    let depth = 0;
    const seen: number[] = [];
    bus.subscribe(echo, 'echo', ({ n }) => {
      expect(++depth).toBe(1);
      seen.push(n);
      if (n < 3) bus.publish(echo, { n: n + 1 });
      depth--;
    });
    bus.publish(echo, { n: 0 });
    await eventually(() => expect(seen).toEqual([0, 1, 2, 3]));
    expect(errors).toEqual([]);
  });

  it('gives the last message of a transient local topic to late subscribers, and of no other', async () => {
    const { bus, settle } = await make();
    const seen: string[] = [];
    const state = numberTopic('/state', { kind: 'queue', depth: 1 }, true);
    const event = numberTopic('/event', { kind: 'queue', depth: 1 });
    bus.publish(state, { n: 1 });
    bus.publish(event, { n: 1 });
    await settle();
    bus.subscribe(state, 'late', ({ n }) => void seen.push(`state${n}`));
    bus.subscribe(event, 'late', ({ n }) => void seen.push(`event${n}`));
    await eventually(() => expect(seen).toEqual(['state1']));
    bus.subscribe(state, 'later', ({ n }) => void seen.push(`again${n}`));
    await eventually(() => expect(seen).toEqual(['state1', 'again1']));
    await settle();
    expect(seen).toEqual(['state1', 'again1']);
  });

  it('counts who subscribes, and knows them by name', async () => {
    const { bus } = await make();
    const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
    expect(bus.subscribers(numbers)).toBe(0);
    const first = bus.subscribe(numbers, 'a', () => {});
    bus.subscribe(numbers, 'b', () => {});
    bus.subscribe(numberTopic('/others', { kind: 'latest' }), 'a', () => {});
    await eventually(() => expect(bus.subscribers(numbers)).toBe(2));
    expect([['a'], ['c', 'b'], ['c'], []].map((nodes) => bus.isReadBy(numbers, nodes))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    bus.publish(numbers, { n: 1 });
    await eventually(() => expect(bus.subscribers(numbers)).toBe(2));
    first.unsubscribe();
    expect(bus.isReadBy(numbers, ['a'])).toBe(false);
    await eventually(() => expect(bus.subscribers(numbers)).toBe(1));
    expect(bus.stats().map(({ topic, subscriber }) => `${subscriber} ${topic}`)).toEqual(['b /numbers', 'a /others']);
  });

  it('stops delivering once unsubscribed', async () => {
    const { bus, settle } = await make();
    const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
    let seen = 0;
    const subscription = bus.subscribe(numbers, 'a', () => void seen++);
    bus.publish(numbers, { n: 0 });
    await eventually(() => expect(seen).toBe(1));
    subscription.unsubscribe();
    bus.publish(numbers, { n: 1 });
    await settle();
    expect(seen).toBe(1);
  });

  it('keeps what a handler throws from everyone else, and reports it', async () => {
    const { bus, errors } = await make();
    const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
    let seen = 0;
    bus.subscribe(numbers, 'bad', ({ n }) => {
      if (n === 0) throw new Error('broke at once');
    });
    bus.subscribe(numbers, 'late', async ({ n }) => {
      await Promise.resolve();
      if (n === 0) throw new Error('broke later');
    });
    bus.subscribe(numbers, 'good', () => void seen++);
    for (let n = 0; n < 3; n++) bus.publish(numbers, { n });
    await eventually(() => expect(seen).toBe(3));
    await eventually(() => expect(errors).toHaveLength(2));
    expect([...errors].sort()).toEqual([
      'bad on /numbers: Error: broke at once',
      'late on /numbers: Error: broke later',
    ]);
  });

  it('answers services, and says which service has no server or a wrong request', async () => {
    const { bus } = await make();
    await expect(bus.call(double, { n: 2 })).rejects.toThrow(/\/double.*no server/);
    const stop = bus.serve(double, ({ n }) => ({ n: 2 * n }));
    expect(await bus.call(double, { n: 21 })).toEqual({ n: 42 });
    const wrong: unknown = { n: 'two' };
    await expect(bus.call(double, wrong as { n: number })).rejects.toThrow(/\/double/);
    expect(() => bus.serve(double, ({ n }) => ({ n }))).toThrow(/already/);
    stop();
    await expect(bus.call(double, { n: 2 })).rejects.toThrow(/no server/);
    bus.serve(double, async ({ n }) => ({ n: 3 * n }));
    expect(await Promise.all([bus.call(double, { n: 1 }), bus.call(double, { n: 2 })])).toEqual([{ n: 3 }, { n: 6 }]);
  });

  it('runs actions to one result, with feedback and cancellation', async () => {
    const { bus } = await make();
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
    await eventually(() => expect(events).toEqual(['at 1', 'succeeded 2']));
    const goal = bus.sendGoal(count, { to: 9 }, callbacks);
    await eventually(() => expect(events).toHaveLength(3));
    goal.cancel();
    goal.cancel();
    await eventually(() => expect(events.slice(2)).toEqual(['at 1', 'canceled 1']));
    goal.cancel();
    expect(() => bus.sendGoal(count, { to: -1 }, callbacks)).toThrow(/\/count/);
  });

  it('lets the server end goals in its own order, at once, later, and after a cancel', async () => {
    const { bus } = await make();
    const open: ((status: 'succeed' | 'abort') => void)[] = [];
    const ends: string[] = [];
    let cancels = 0;
    bus.serveAction(count, ({ to }, handle) => {
      handle.onCancel(() => void cancels++);
      open.push((status) => handle[status]({ total: to }));
    });
    const send = (to: number) =>
      bus.sendGoal(count, { to }, { onResult: (status, { total }) => void ends.push(`${status} ${total}`) });
    const sent = [send(1), send(2), send(3)];
    expect(new Set(sent.map(({ id }) => id)).size).toBe(3);
    await eventually(() => expect(open).toHaveLength(3));
    open[1]('abort');
    await eventually(() => expect(ends).toEqual(['aborted 2']));
    expect(() => open[1]('succeed')).toThrow(/twice/);
    sent[0].cancel();
    await eventually(() => expect(cancels).toBe(1));
    open[0]('succeed');
    await eventually(() => expect(ends).toEqual(['aborted 2', 'succeeded 1']));
    open[2]('succeed');
    await eventually(() => expect(ends).toEqual(['aborted 2', 'succeeded 1', 'succeeded 3']));
  });
}
