import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Guard } from './guard.ts';
import { WaitingRoom } from './waiting_room.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function roomOf() {
  const admitted: number[] = [];
  const errors: string[] = [];
  const guard = new Guard((error, where) => errors.push(`${where}: ${error}`));
  const room = new WaitingRoom<number>(100, (value) => admitted.push(value), guard, 'room');
  return { room, admitted, errors };
}

describe('waiting for what belongs to a message', () => {
  it('lets nobody overtake', () => {
    const { room, admitted } = roomOf();
    let ready = false;
    room.add(() => (ready ? 1 : null));
    room.add(() => 2);
    expect(admitted).toEqual([]);
    ready = true;
    room.retry();
    expect(admitted).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tries for the last time after its wait, and tells what fails once', () => {
    const { room, admitted, errors } = roomOf();
    room.add((last) => {
      if (last) throw new Error('never came');
      return null;
    });
    room.add((last) => (last ? 2 : null));
    vi.advanceTimersByTime(99);
    expect(errors).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(errors).toEqual(['room: Error: never came']);
    expect(admitted).toEqual([2]);
  });

  it('sends away at once what cannot be read', () => {
    const { room, admitted, errors } = roomOf();
    room.add(() => {
      throw new Error('broken');
    });
    room.add(() => 1);
    expect(errors).toEqual(['room: Error: broken']);
    expect(admitted).toEqual([1]);
  });

  it('holds a few dozen at most, and none once closed', () => {
    const { room, admitted } = roomOf();
    for (let n = 0; n < 100; n++) room.add((last) => (last ? n : null));
    expect(admitted).toHaveLength(68);
    expect(admitted[67]).toBe(67);
    room.close();
    vi.advanceTimersByTime(1000);
    expect(admitted).toHaveLength(68);
    expect(vi.getTimerCount()).toBe(0);
  });
});
