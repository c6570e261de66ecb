import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HELD } from '../../collision/index.ts';
import { createRng, InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { robotOfScene, worldOfScene } from './apply_scene.ts';
import { parsePlanningScene, readPlanningScene } from './planning_scene.ts';
import { writePlanningScene } from './write_scene.ts';

const robot = loadRobot('panda');

/** As MoveIt of ROS Noetic and later writes it: poses of objects, and subframes. */
const NEWER = `(noname)+
* Table top
0.5 0 0.2
0 0 0.7071067811865476 0.7071067811865476
2
box
1 0.6 0.04
0.1 0 0
0 0 0 1
0 0 0 0
cylinder
0.02 0.2
0 0 -0.12
0 0 0 1
1 0 0 1
1
handle
0.1 0 0
0 0 0 1
* Ball
0 1 1
0 0 0 1
1
sphere
0.1
0 0 0
0 0 0 1
0 0 0 0
0
.
`;

const OLDER = `scene
* Tri
1
mesh
4 4
0 0 0
1 0 0
0 1 0
0 0 1
0 2 1
0 1 3
1 2 3
0 3 2
0.5 0 0
0 0 0 1
0 0 0 0
* Cone
1
cone
0.1 0.3
0 0 1
0 0 0 1
0 0 0 0
* Floor
1
plane
0 0 2 0.2
0 0 0
0 0 0 1
0 0 0 0
.
`;

/** As MotionBenchMaker and robowflex write it. */
const YAML = `
name: (noname)
robot_state:
  joint_state:
    name: [panda_joint1, panda_joint2]
    position: [0.1, -0.5]
  attached_collision_objects:
    - link_name: panda_hand
      touch_links: [panda_leftfinger]
      object:
        id: stick
        header: {frame_id: panda_hand}
        primitives: [{type: cylinder, dimensions: [0.2, 0.01]}]
        primitive_poses: [{position: [0, 0, 0.15], orientation: [0, 0, 0, 1]}]
fixed_frame_transforms:
  - child_frame_id: camera
    transform: {translation: [0, 0, 1], rotation: [0, 0, 0, 1]}
allowed_collision_matrix:
  entry_names: [panda_hand, Can1, panda_link3]
  entry_values:
    - [false, true, false]
    - [true, false, false]
    - {enabled: [0, 0, 0]}
  default_entry_names: [ghost]
  default_entry_values: [true]
link_padding: [{link_name: panda_link3, padding: 0.01}]
world:
  collision_objects:
    - id: Can1
      primitives: [{type: cylinder, dimensions: [0.14, 0.03]}]
      primitive_poses: [{position: [0.4, 0.1, 0.5], orientation: [0, 0, 0, 1]}]
    - id: ghost
      header: {frame_id: camera}
      pose: {position: {x: 1, y: 0, z: 0}, orientation: {x: 0, y: 0, z: 0, w: 1}}
      primitives: [{type: 1, dimensions: [0.1, 0.2, 0.3]}, {type: 2, dimensions: [0.05]}]
      primitive_poses: [{position: {x: 0, y: 0.5, z: 0}}, {}]
    - id: gone
      operation: 1
`;

function refusal(text: string, file = 's.yaml'): string {
  try {
    parsePlanningScene(text, file, { root_link: 'panda_link0' });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
}

const near = (values: readonly number[]) => values.map((x) => expect.closeTo(x, 9));

describe('planning scenes', () => {
  test('newer text: shapes stand where their object does, spaces in names stay', () => {
    const { name, obstacles } = parsePlanningScene(NEWER, 'table.scene');
    expect(name).toBe('(noname)+');
    expect(obstacles.map((o) => o.name)).toEqual(['Table top', 'Table top', 'Ball']);
    expect(obstacles[0].shape).toEqual({ type: 'box', size: [1, 0.6, 0.04] });
    expect(obstacles[0].pose.position).toEqual(near([0.5, 0.1, 0.2]));
    expect(obstacles[1].shape).toEqual({ type: 'cylinder', radius: 0.02, length: 0.2 });
    expect(obstacles[1].pose.position).toEqual(near([0.5, 0, 0.08]));
    expect(obstacles[2].shape).toEqual({ type: 'sphere', radius: 0.1 });
  });

  test('older text without poses of objects; meshes, cones and planes', () => {
    const { obstacles } = parsePlanningScene(OLDER, 'old.txt', { padding_m: 0.01 });
    const [tri, cone, floor] = obstacles;
    expect(tri).toMatchObject({ name: 'Tri', padding_m: 0.01, shape: { type: 'mesh', convex: true } });
    expect(tri.pose.position).toEqual(near([1, 0.5, 0.5]));
    if (cone.shape.type !== 'mesh') expect.fail('a cone is a hull');
    const radii = Array.from({ length: cone.shape.vertices.length / 3 }, (_, v) => Math.hypot(...vertex(v)));
    function vertex(v: number): readonly [number, number] {
      const points = cone.shape.type === 'mesh' ? cone.shape.vertices : new Float64Array(0);
      return [points[3 * v], points[3 * v + 1]];
    }
    expect(Math.max(...radii)).toBeGreaterThan(0.1);
    expect(Math.max(...radii)).toBeLessThan(0.101);
    // 2 z + 0.2 = 0: the surface is at z = -0.1
    expect(floor.pose.position).toEqual(near([0, 0, -0.15]));
    expect(floor.shape).toMatchObject({ type: 'box' });
  });

  test('messages: frames, poses of objects, both ways to write vectors, types by name and number, removed objects', () => {
    const scene = parsePlanningScene(YAML, 's.yaml', { root_link: 'panda_link0' });
    expect(scene.obstacles.map((o) => o.name)).toEqual(['Can1', 'ghost', 'ghost']);
    expect(scene.obstacles[0].shape).toEqual({ type: 'cylinder', radius: 0.03, length: 0.14 });
    expect(scene.obstacles[1].pose.position).toEqual(near([1, 0.5, 1]));
    expect(scene.obstacles[2].pose.position).toEqual(near([1, 0, 1]));
    expect(scene.allowed).toEqual([['panda_hand', 'Can1']]);
    expect(scene.always_allowed).toEqual(['ghost']);
    expect(scene.joints).toEqual({ panda_joint1: 0.1, panda_joint2: -0.5 });
    expect(scene.link_padding).toEqual({ panda_link3: 0.01 });
    expect(scene.attached).toMatchObject([{ name: 'stick', link: 'panda_hand', touch_links: ['panda_leftfinger'] }]);
  });

  test('what is written comes back as it was, and so does it as JSON', () => {
    const scene = parsePlanningScene(YAML, 's.yaml', { root_link: 'panda_link0' });
    expect(parsePlanningScene(writePlanningScene(scene), 'again.yaml')).toEqual(scene);
    const older = parsePlanningScene(OLDER, 'old.scene');
    const again = parsePlanningScene(writePlanningScene(older), 'again.yaml');
    expect(again.obstacles.map(({ shape }) => shape.type)).toEqual(older.obstacles.map(({ shape }) => shape.type));
    again.obstacles.forEach(({ pose }, i) => {
      expect(pose.position).toEqual(near(older.obstacles[i].pose.position));
    });
    const json = JSON.stringify({
      world: { collision_objects: [{ id: 'b', primitives: [{ type: 1, dimensions: [1, 1, 1] }] }] },
    });
    expect(parsePlanningScene(json, 's.json').obstacles).toHaveLength(1);
  });

  test('a world of a scene holds what is attached, and allows the contacts it names', () => {
    const scene = parsePlanningScene(YAML, 's.yaml', { root_link: 'panda_link0' });
    const world = worldOfScene(robot, scene);
    // the stick reaches from 0.05 to 0.25 below the hand, the can stands elsewhere
    expect(world.clearance(robot.home_q)).toBeGreaterThan(0);
    const can = { ...scene.obstacles[0], pose: { position: [0.307, 0, 0.42], orientation: [0, 0, 0, 1] } as const };
    const touched = worldOfScene(robot, { ...scene, obstacles: [can, ...scene.obstacles.slice(1)] });
    expect(touched.collides(robot.home_q)).toBe(true);
    expect(touched.lastContact()).toEqual([HELD, 'Can1']);
    const allowed = worldOfScene(robot, {
      ...scene,
      obstacles: [can, ...scene.obstacles.slice(1)],
      allowed: [...scene.allowed, ['Can1', 'stick'], ['panda_leftfinger', 'Can1'], ['Can1', 'panda_rightfinger']],
    });
    expect(allowed.collides(robot.home_q)).toBe(false);
    const padded = robotOfScene(robot, scene);
    expect(
      padded.model.collision
        .filter((part, i) => part !== robot.model.collision[i])
        .every(({ link }) => link === 'panda_link3'),
    ).toBe(true);
    expect(() => worldOfScene(robot, { ...scene, attached: [...scene.attached, ...scene.attached] })).toThrow(
      'one can be held',
    );
    const elsewhere = scene.attached.map((one) => ({ ...one, link: 'panda_link3' }));
    expect(() => worldOfScene(robot, { ...scene, attached: elsewhere })).toThrow('attached to panda_link3');
  });

  test('what is wrong is named with its line or place', () => {
    const text: readonly (readonly [string, string])[] = [
      [NEWER.replace('box', 'bow'), 'line 6: object Table top: shape "bow"'],
      [NEWER.replace('1 0.6 0.04', '1 0.6'), 'line 11: colour "cylinder"'],
      [NEWER.replace('0.1 0 0\n', 'x 0 0\n'), 'pose of object Table top "x"'],
      [NEWER.replace('0 0 0.7071067811865476 0.7071067811865476', '0 0 0 0'), 'object Table top: quaternion 0 0 0 0'],
      [NEWER.replace('\n.\n', '\n'), 'ends before'],
      [NEWER.replace('1 0.6 0.04', '1 -0.6 0.04'), 'box y -0.6'],
      [NEWER.replace('* Ball', 'Ball'), 'line'],
      [OLDER.replace('0 2 1', '0 9 1'), 'names vertex 9'],
      [OLDER.replace('4 4', '4 99999999'), 'number of triangles 99999999'],
    ];
    for (const [scene, message] of text) expect(refusal(scene, 's.scene'), message).toContain(message);
    const yaml: readonly (readonly [string, string])[] = [
      [YAML.replace('{frame_id: camera}', '{frame_id: moon}'), 'object ghost: frame moon'],
      [YAML.replace('dimensions: [0.14, 0.03]', 'dimensions: [0.14]'), 'object Can1: cylinder of 1 numbers'],
      [YAML.replace('dimensions: [0.14, 0.03]', 'dimensions: [0.14, .nan]'), 'world.collision_objects.0'],
      [YAML.replace('type: 1', 'type: 9'), 'object ghost: primitive 9'],
      [YAML.replace('[false, true, false]', '[false, true]'), 'allowed_collision_matrix'],
      [YAML.replace('id: Can1', 'id: [Can1'), 'line'],
      ['a: *b', 's.yaml'],
      ['world: {octomap: {octomap: {data: [1, 2]}}}', 'world.octomap'],
      ['link_scale: [{link_name: panda_hand, scale: 1.2}]', 'link_scale of panda_hand: 1.2'],
      ['- 1', 'must be a moveit_msgs/PlanningScene'],
      [YAML.replace('operation: 1', 'operation: 0'), 'object gone has no shape'],
    ];
    for (const [scene, message] of yaml) expect(refusal(scene), message).toContain(message);
  });

  test('text cut or changed anywhere is read or refused, never more', () => {
    const rng = createRng(71);
    for (const [whole, file] of [
      [NEWER, 's.scene'],
      [OLDER, 's.scene'],
      [YAML, 's.yaml'],
    ] as const) {
      for (let trial = 0; trial < sweep(60, 150); trial++) {
        const at = rng.int(whole.length);
        const text =
          trial % 2 === 0
            ? whole.slice(0, at) + whole.slice(at + 1 + rng.int(20))
            : whole.slice(0, at) + String.fromCharCode(32 + rng.int(95)) + whole.slice(at + 1);
        expect(typeof refusal(text, file), `${file}, trial ${trial}`).toBe('string');
      }
    }
  });

  test('files are read, and meshes by their resource beside them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scene-'));
    writeFileSync(join(folder, 't.obj'), 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n');
    const object = 'world: {collision_objects: [{id: t, meshes: [{resource: t.obj, dimensions: [0.1, 0.1, 0.1]}]}]}\n';
    writeFileSync(join(folder, 's.yaml'), object);
    const { obstacles } = readPlanningScene(join(folder, 's.yaml'));
    expect(obstacles[0].pose.position).toEqual(near([0.05, 0.05, 0.05]));
    expect(() => readPlanningScene(join(folder, 'none.yaml'))).toThrow('none.yaml cannot be read');
    rmSync(folder, { recursive: true });
  });
});
