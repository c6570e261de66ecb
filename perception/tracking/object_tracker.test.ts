import { describe, expect, it } from 'vitest';
import { createRng, detection as detectionSchema } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { detectionAt, WatchedTable } from '../../test/support/watched_table.ts';
import { ObjectTracker } from './object_tracker.ts';

const everywhere = () => true;

/** Track that stands nearest to a place, within 25 mm. */
function trackAt(tracker: ObjectTracker, place: readonly number[]): number {
  let best = -1;
  let least = 0.025;
  for (const { id, pose } of tracker.objects()) {
    const [x, y] = pose.position;
    const gap = Math.hypot(x - place[0], y - place[1]);
    if (gap < least) {
      least = gap;
      best = id;
    }
  }
  return best;
}

interface Counts {
  switches: number;
  lost: number;
  ghosts: number;
  longest_hidden: number;
  pictures: number;
  nees: number[];
}

/** Follows a table over which an arm passes, with one camera or two in turn. */
function follow(seed: number, cameras: readonly string[], pictures = 40): Counts {
  const table = new WatchedTable(createRng(seed, 'table'));
  const tracker = new ObjectTracker();
  const last = table.things.map(() => -1);
  const hidden = table.things.map(() => 0);
  const counts: Counts = { switches: 0, lost: 0, ghosts: 0, longest_hidden: 0, pictures, nees: [] };
  for (let picture = 0; picture < pictures; picture++) {
    const time_s = picture / 10;
    for (const camera of cameras) {
      const detections = table.look(camera, time_s).map(({ detection }) => detection);
      tracker.update({ camera, time_s, detections, camera_way_m: 0, sees: everywhere });
    }
    table.things.forEach((thing, k) => {
      hidden[k] = table.hides(thing.position, time_s) ? hidden[k] + 1 : 0;
      counts.longest_hidden = Math.max(counts.longest_hidden, hidden[k]);
      const id = trackAt(tracker, thing.position);
      if (id < 0) counts.lost += last[k] < 0 ? 0 : 1;
      else if (last[k] >= 0 && id !== last[k]) counts.switches++;
      if (id >= 0) last[k] = id;
    });
    counts.ghosts += Math.max(0, tracker.objects().length - table.things.length);
  }
  return counts;
}

describe('object tracker', () => {
  it('keeps the number of everything that an arm passes over', () => {
    const rounds = sweep(20, 200);
    for (const cameras of [['overview'], ['overview', 'wrist']]) {
      const total = { switches: 0, lost: 0, ghosts: 0, pictures: 0, hidden: 0 };
      for (let seed = 1; seed <= rounds; seed++) {
        const counts = follow(seed, cameras);
        total.switches += counts.switches;
        total.lost += counts.lost;
        total.ghosts += counts.ghosts;
        total.pictures += counts.pictures;
        if (counts.longest_hidden >= 4) total.hidden++;
      }
      const say = `seeds 1..${rounds}, ${cameras.join(' and ')}: ${JSON.stringify(total)}`;
      expect(total.hidden, say).toBeGreaterThan(rounds / 3);
      // A false detection of the same look, close by, can still be taken for the thing: seldom.
      expect(total.switches / (8 * rounds), say).toBeLessThan(0.002);
      expect(total.lost / (8 * rounds), say).toBeLessThan(0.005);
      expect(total.ghosts / total.pictures, say).toBeLessThan(0.02);
    }
  });

  it('keeps a number through half a second in which nothing is seen, and gives it up after a long time', () => {
    const tracker = new ObjectTracker();
    const one = detectionAt([0.5, 0, 0.02], 'box', 'red', 0.97);
    let time_s = 0;
    const look = (detections = [one]) => {
      tracker.update({ camera: 'overview', time_s, detections, camera_way_m: 0, sees: everywhere });
      time_s += 0.1;
      return tracker.objects().map(({ id }) => id);
    };
    for (let k = 0; k < 5; k++) look();
    const [id] = look();
    for (let hidden = 0; hidden < 5; hidden++) expect(look([]), `picture ${hidden} without it`).toEqual([id]);
    expect(look()).toEqual([id]);
    for (let k = 0; k < 60; k++) look([]);
    expect(tracker.tracks).toEqual([]);
    expect(look()).not.toContain(id);
  });

  it('does not count a picture against what the camera cannot see', () => {
    const tracker = new ObjectTracker();
    const one = detectionAt([0.5, 0, 0.02], 'box', 'red', 0.97);
    for (let k = 0; k < 5; k++)
      tracker.update({ camera: 'overview', time_s: k / 10, detections: [one], camera_way_m: 0, sees: everywhere });
    for (let k = 5; k < 30; k++)
      tracker.update({ camera: 'wrist', time_s: k / 10, detections: [], camera_way_m: 0, sees: () => false });
    expect(tracker.objects()).toHaveLength(1);
  });

  it('follows what is pushed by its number, says that it moves, and then that it rests', () => {
    for (let seed = 1; seed <= sweep(10, 20); seed++) {
      const rng = createRng(seed, 'pushed');
      const tracker = new ObjectTracker();
      const [vx, vy] = [rng.range(-0.2, 0.2), rng.range(-0.2, 0.2)];
      const ids = new Set<number>();
      let moved = 0;
      for (let k = 0; k < 50; k++) {
        const way = Math.min(10, Math.max(0, k - 15)) / 10;
        const place = [0.5 + vx * way, vy * way, 0.02].map((value) => value + 0.0006 * rng.normal());
        const detections = [
          detectionAt(place, 'box', 'red', 0.97),
          detectionAt([0.35, 0.25, 0.02], 'cylinder', 'blue', 0.97),
        ];
        tracker.update({ camera: 'overview', time_s: k / 10, detections, camera_way_m: 0, sees: everywhere });
        const id = trackAt(tracker, place);
        if (id >= 0) ids.add(id);
        if (tracker.tracks[0].filter.moving) moved++;
      }
      expect([...ids], `seed ${seed}`).toHaveLength(1);
      if (Math.hypot(vx, vy) > 0.05) expect(moved, `seed ${seed}`).toBeGreaterThan(0);
      expect(tracker.tracks[0].filter.moving, `seed ${seed}`).toBe(false);
    }
  });

  it('believes what most pictures say of class and colour', () => {
    const tracker = new ObjectTracker();
    for (let k = 0; k < 20; k++) {
      const odd = k % 5 === 0;
      const one = detectionAt([0.5, 0, 0.02], odd ? 'cylinder' : 'box', odd ? 'orange' : 'red', odd ? 0.6 : 0.95);
      tracker.update({ camera: 'overview', time_s: k / 10, detections: [one], camera_way_m: 0, sees: everywhere });
    }
    const objects = tracker.objects();
    expect(objects).toHaveLength(1);
    expect(objects[0]).toMatchObject({ class: 'box', colour: 'red' });
    expect(detectionSchema.safeParse(objects[0]).success).toBe(true);
  });

  it('gives the same numbers for the same pictures', () => {
    const once = () => {
      const table = new WatchedTable(createRng(7, 'table'));
      const tracker = new ObjectTracker();
      for (let k = 0; k < 30; k++) {
        const detections = table.look('overview', k / 10).map(({ detection }) => detection);
        tracker.update({ camera: 'overview', time_s: k / 10, detections, camera_way_m: 0, sees: everywhere });
      }
      return tracker.objects();
    };
    expect(once()).toEqual(once());
  });
});
