import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PANDA, sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { MujocoEngine, prepareMujoco } from '../mujoco/index.ts';
import { createTask } from '../tasks/index.ts';
import { tiltScene } from './table_tilt.ts';

beforeAll(prepareMujoco);

const G = 9.81;

describe('a tilted table', () => {
  it('keeps all distances on it', () => {
    const { scene } = createTask('sort').reset(createRng(1));
    const tilted = tiltScene(scene, { about_x_rad: 0.03, about_y_rad: -0.02 });
    const places = ({ objects, fixtures = [], zones }: typeof scene) => [
      ...objects.map(({ pose }) => pose.position),
      ...fixtures.map(({ pose }) => pose.position),
      ...zones.map(({ position }) => position),
    ];
    const [before, after] = [places(scene), places(tilted)];
    expect(before.length).toBeGreaterThan(4);
    for (let i = 0; i < before.length; i++) {
      for (let k = 0; k < i; k++) {
        const apart = (p: typeof before) => Math.hypot(...p[i].map((x, c) => x - p[k][c]));
        expect(apart(after)).toBeCloseTo(apart(before), 12);
      }
    }
  });

  it('changes nothing at no angle, and turns about the middle of its top', () => {
    const scene = tableScene([sceneObject({ type: 'sphere', radius: 0.03 }, [0.55, 0, 0.03])]);
    const level = tiltScene(scene, { about_x_rad: 0, about_y_rad: 0 });
    expect(level.objects[0].pose.position).toEqual(scene.objects[0].pose.position);
    const tilted = tiltScene(scene, { about_x_rad: 0, about_y_rad: 0.1 });
    const { position } = tilted.objects[0].pose;
    expect(position[0]).toBeCloseTo(0.55 + 0.03 * Math.sin(0.1), 12);
    expect(position[2]).toBeCloseTo(0.03 * Math.cos(0.1), 12);
  });

  it('makes a ball roll down at 5/7 g sin of its angle', () => {
    for (const angle of [0.05, 0.1]) {
      const ball = sceneObject({ type: 'sphere', radius: 0.03 }, [0.4, 0.3, 0.03], { friction: 1 });
      const scene = tiltScene(tableScene([ball]), { about_x_rad: 0, about_y_rad: angle });
      const engine = new MujocoEngine(PANDA, scene);
      const state = new Float64Array(13);
      for (let k = 0; k < 150; k++) engine.step();
      engine.objectState(0, state, 0);
      const start = Math.hypot(state[7], state[9]);
      for (let k = 0; k < 150; k++) engine.step();
      engine.objectState(0, state, 0);
      const acceleration = (Math.hypot(state[7], state[9]) - start) / (150 * engine.dt_s);
      expect(acceleration / ((5 / 7) * G * Math.sin(angle)), `${angle} rad`).toBeCloseTo(1, 1);
      expect(state[7]).toBeGreaterThan(0);
      engine.dispose();
    }
  });
});
