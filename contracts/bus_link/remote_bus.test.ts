import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { busContract, count, double, numberTopic } from '../../test/support/bus_contract.ts';
import type { Topic } from '../bus.ts';
import { NS_PER_S, SimClock } from '../clock.ts';
import { InProcessBus } from '../in_process_bus.ts';
import { BusHost } from './bus_host.ts';
import { messagePort } from './message_port.ts';
import { RemoteBus } from './remote_bus.ts';

const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 2 });

/** A bus and its clock, and remote buses on it. */
function hosted() {
  const errors: string[] = [];
  const onError = (error: unknown, where: string) => void errors.push(`${where}: ${error}`);
  const bus = new InProcessBus({ onError });
  const clock = new SimClock();
  const host = new BusHost(bus, clock, { onError });
  const open = async () => {
    const { port1, port2 } = new MessageChannel();
    host.attach(messagePort(port1), true);
    const remote = await RemoteBus.open(messagePort(port2), { onError });
    port1.unref();
    port2.unref();
    return remote;
  };
  return { bus, clock, host, errors, onError, open };
}

describe('a remote bus over a channel between threads', () => {
  busContract(async () => {
    const { errors, open } = hosted();
    const bus = await open();
    return { bus, errors, settle: () => bus.roundTrip() };
  });
});

describe('remote buses of one host', () => {
  it('reach each other and the host, with typed arrays and stamps', async () => {
    const { bus, open } = hosted();
    const [a, b] = [await open(), await open()];
    const row: Topic<{ at_ns: bigint; data: Float64Array }> = {
      ...numberTopic('/rows', { kind: 'queue', depth: 5 }),
      schema: z.object({ at_ns: z.bigint(), data: z.instanceof(Float64Array) }),
    };
    const seen: string[] = [];
    const note = (who: string) => (message: { at_ns: bigint; data: Float64Array }) =>
      void seen.push(`${who} ${message.at_ns} ${message.data.join()}`);
    bus.subscribe(row, 'host', note('host'));
    b.subscribe(row, 'b', note('b'));
    await b.roundTrip();
    a.publish(row, { at_ns: 2n ** 60n, data: Float64Array.of(1, 2) });
    await a.roundTrip();
    await b.roundTrip();
    expect(seen.sort()).toEqual([`b ${2n ** 60n} 1,2`, `host ${2n ** 60n} 1,2`]);
    a.serve(double, async ({ n }) => ({ n: 2 * n }));
    await a.roundTrip();
    expect(await Promise.all([b.call(double, { n: 4 }), bus.call(double, { n: 5 })])).toEqual([{ n: 8 }, { n: 10 }]);
  });

  it('know who reads a topic, wherever', async () => {
    const { bus, open } = hosted();
    const at_host = bus.subscribe(numbers, 'host', () => {});
    const [a, b] = [await open(), await open()];
    expect([a.subscribers(numbers), a.isReadBy(numbers, ['host'])]).toEqual([1, true]);
    const at_b = b.subscribe(numbers, 'b', () => {});
    await eventually(() => expect(a.isReadBy(numbers, ['b'])).toBe(true));
    expect([a.subscribers(numbers), b.subscribers(numbers), bus.subscribers(numbers)]).toEqual([2, 2, 2]);
    at_host.unsubscribe();
    at_b.unsubscribe();
    await eventually(() => expect([a, b, bus].map((one) => one.subscribers(numbers))).toEqual([0, 0, 0]));
  });

  it('are refused what another one serves already', async () => {
    const { errors, open } = hosted();
    const [a, b] = [await open(), await open()];
    a.serve(double, ({ n }) => ({ n: 2 * n }));
    await a.roundTrip();
    b.serve(double, ({ n }) => ({ n: 3 * n }));
    await b.roundTrip();
    expect(errors.join()).toMatch(/\/double.*already has a server/);
    expect(await b.call(double, { n: 1 })).toEqual({ n: 2 });
  });

  it('share the clock of their host, and wake by it', async () => {
    const { clock, open } = hosted();
    clock.advance(3n * NS_PER_S);
    const a = await open();
    expect(a.clock.now_ns()).toBe(3n * NS_PER_S);
    const woken: bigint[] = [];
    a.clock.schedule(3n * NS_PER_S + 20_000_000n, () => woken.push(a.clock.now_ns()));
    for (let k = 1; k <= 15; k++) clock.advance(3n * NS_PER_S + BigInt(k) * 2_000_000n);
    await a.roundTrip();
    expect(woken).toEqual([3n * NS_PER_S + 20_000_000n]);
    expect(clock.now_ns() - a.clock.now_ns()).toBeLessThanOrEqual(5_000_000n);
  });

  it('end a goal aborted that nobody serves, with the reason', async () => {
    const { open } = hosted();
    const a = await open();
    const ends: unknown[] = [];
    a.sendGoal(count, { to: 2 }, { onResult: (...end) => void ends.push(end) });
    await a.roundTrip();
    expect(ends).toEqual([['aborted', { total: 0 }]]);
  });

  it('cost a host that they do not answer bounded memory, and are told what they missed', async () => {
    const { bus, host, open } = hosted();
    const picture: Topic<{ k: number; data: Uint8Array }> = {
      ...numberTopic('/picture', { kind: 'latest' }),
      schema: z.object({ k: z.number(), data: z.instanceof(Uint8Array) }),
    };
    const a = await open();
    const seen: number[] = [];
    const subscription = a.subscribe(picture, 'slow', ({ k }) => void seen.push(k));
    await a.roundTrip();
    // This thread does not return to its event loop meanwhile, so that the other end reads nothing.
    for (let k = 0; k < 200; k++) bus.publish(picture, { k, data: new Uint8Array(300_000) });
    expect(host.dropped).toBe(198);
    await eventually(() => expect(seen).toEqual([0, 199]));
    expect(subscription.stats()).toMatchObject({ received: 200, dropped: 198 });
  });
});

describe('a link that ends', () => {
  it('rejects calls, aborts goals, cancels what is served, and says why', async () => {
    const { bus, host, open } = hosted();
    bus.serve(double, () => new Promise(() => {}));
    bus.serveAction(count, () => {});
    const a = await open();
    const told: string[] = [];
    a.onLost((reason) => told.push(`lost ${reason}`));
    a.subscribe(numbers, 'a', () => {});
    a.sendGoal(count, { to: 1 }, { onResult: (status, { total }) => void told.push(`${status} ${total}`) });
    const call = expect(a.call(double, { n: 1 })).rejects.toThrow(/the link to its bus is lost/);
    await a.roundTrip();
    expect(bus.subscribers(numbers)).toBe(1);
    host.close('the cell ends');
    await call;
    await eventually(() => expect(told).toHaveLength(2));
    expect(told).toEqual(['aborted 0', expect.stringMatching(/^lost /)]);
    expect(bus.subscribers(numbers)).toBe(0);
    await expect(a.call(double, { n: 1 })).rejects.toThrow(/lost/);
    await expect(a.roundTrip()).rejects.toThrow(/lost/);
    a.sendGoal(count, { to: 1 }, { onResult: (status) => void told.push(`later ${status}`) });
    await eventually(() => expect(told.at(-1)).toBe('later aborted'));
    a.publish(numbers, { n: 1 });
    expect(host.ports).toBe(0);
  });

  it('leaves nothing of it at the host: what it served is gone, and what it wanted is cancelled', async () => {
    const { bus, host, open } = hosted();
    const a = await open();
    const told: string[] = [];
    a.serve(double, () => new Promise(() => {}));
    a.serveAction(count, () => {});
    await a.roundTrip();
    const call = expect(bus.call(double, { n: 1 })).rejects.toThrow(/\/double: has lost its server/);
    bus.sendGoal(count, { to: 1 }, { onResult: (status) => void told.push(status) });
    const b = await open();
    const other = { ...count, name: '/other' };
    bus.serveAction(other, (_goal, handle) => handle.onCancel(() => void told.push('cancelled')));
    b.sendGoal(other, { to: 1 }, { onResult: () => {} });
    await b.roundTrip();
    a.close();
    b.close();
    await call;
    await eventually(() => expect(told.sort()).toEqual(['aborted', 'cancelled']));
    await expect(bus.call(double, { n: 1 })).rejects.toThrow(/no server/);
    expect(() => bus.sendGoal(count, { to: 1 }, { onResult: () => {} })).toThrow(/no server/);
    expect(host.ports).toBe(0);
  });
});
