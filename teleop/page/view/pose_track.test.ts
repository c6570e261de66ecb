import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { PoseTrack } from './pose_track.ts';

describe('the pose that is drawn', () => {
  it('lies between the one drawn before and the newest, and never beyond', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const rng = createRng(seed);
      const track = new PoseTrack(3);
      let now_ms = 0;
      let newest = [0, 0, 0];
      track.push(newest, now_ms);
      track.update(now_ms);
      for (let i = 0; i < 40; i++) {
        const before = [...track.value];
        if (rng.uniform(0, 1) < 0.4) {
          newest = newest.map((q) => q + rng.uniform(-0.2, 0.2));
          track.push(newest, now_ms);
        }
        now_ms += rng.uniform(0, 90);
        track.update(now_ms);
        for (let k = 0; k < 3; k++) {
          const [low, high] = [Math.min(before[k], newest[k]), Math.max(before[k], newest[k])];
          const where = `seed ${seed}, step ${i}, joint ${k}`;
          expect(track.value[k], where).toBeGreaterThanOrEqual(low - 1e-12);
          expect(track.value[k], where).toBeLessThanOrEqual(high + 1e-12);
        }
      }
    }
  });

  it('is the newest one after the time between two messages, and stays there', () => {
    const track = new PoseTrack(1);
    track.push([0], 0);
    track.push([1], 33);
    track.update(33 + 16.5);
    expect(track.value[0]).toBeCloseTo(0.5);
    expect(track.update(66)).toBe(false);
    expect(track.value[0]).toBe(1);
    track.update(10_000);
    expect(track.value[0]).toBe(1);
  });

  it('jumps after a silence: nothing is made up between', () => {
    const track = new PoseTrack(1);
    track.push([0], 0);
    track.push([1], 900);
    track.update(901);
    expect(track.value[0]).toBe(1);
  });

  it('says that nothing changes where it only trembles', () => {
    const track = new PoseTrack(2);
    expect(track.push([1, 2], 0)).toBe(true);
    track.update(1);
    expect(track.push([1 + 1e-5, 2], 33)).toBe(false);
    expect(track.update(40)).toBe(false);
    expect(track.push([1.01, 2], 66)).toBe(true);
    expect(track.update(67)).toBe(true);
  });
});
