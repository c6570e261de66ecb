import { describe, expect, it } from 'vitest';
import { InProcessBus, SERVICES } from '../../contracts/index.ts';
import { LastingStop } from './lasting_stop.ts';

describe('a protective stop', () => {
  it('is asked for until the gate shows it, whether or not somebody answers', async () => {
    const bus = new InProcessBus();
    const stop = new LastingStop(bus);
    let asked = 0;
    stop.request('the page fell silent', 0);
    for (let t = 10; t <= 300; t += 10) stop.step(t, { latched: false });
    const unserve = bus.serve(SERVICES.safety_stop, () => {
      asked++;
      return { success: true, message: '' };
    });
    for (let t = 310; t <= 1000; t += 10) stop.step(t, t < 600 ? null : { latched: false });
    await Promise.resolve();
    expect(asked).toBe(7);
    expect(stop.pending).toBe(true);
    stop.step(1010, { latched: true });
    expect(stop.pending).toBe(false);
    for (let t = 1020; t <= 2000; t += 10) stop.step(t, { latched: false });
    expect(asked).toBe(7);
    unserve();
  });

  it('counts once while it is pending, with its newest cause', () => {
    const bus = new InProcessBus();
    const stop = new LastingStop(bus);
    stop.request('one', 0);
    stop.request('two', 10);
    expect([stop.count, stop.cause]).toEqual([1, 'two']);
    stop.step(20, { latched: true });
    stop.request('three', 30);
    expect(stop.count).toBe(2);
  });
});
