import { type CollisionOptions, CollisionWorld, HELD, type Obstacle, withLinkPadding } from '../../collision/index.ts';
import { InputError, type Pose } from '../../contracts/index.ts';
import {
  composePoses,
  frameIndex,
  invertPose,
  quaternionFromMatrix,
  quaternionToMatrix,
} from '../../dynamics/index.ts';
import type { Robot, SemanticModel } from '../../robots/index.ts';
import type { AttachedObject, PlanningScene } from './planning_scene.ts';

/**
 * The robot as a scene changes it: links grown by the scene's padding, and pairs of links whose contact the scene allows
 * are not checked. Throws InputError as withLinkPadding.
 */
export function robotOfScene(robot: Robot, scene: PlanningScene): Robot {
  const links = new Set(robot.model.collision.map(({ link }) => link));
  const known = Object.entries(scene.link_padding).filter(([link, padding]) => links.has(link) && padding !== 0);
  const padded = known.length === 0 ? robot : withLinkPadding(robot, Object.fromEntries(known));
  const pairs = [
    ...scene.allowed.filter(([a, b]) => links.has(a) && links.has(b)),
    ...scene.always_allowed.flatMap((a) => (links.has(a) ? [...links].map((b) => [a, b] as const) : [])),
  ];
  if (pairs.length === 0) return padded;
  const semantic: SemanticModel = padded.semantic ?? {
    disabled_pairs: [],
    groups: [],
    states: [],
    end_effectors: [],
    virtual_joints: [],
  };
  return { ...padded, semantic: { ...semantic, disabled_pairs: [...semantic.disabled_pairs, ...pairs] } };
}

/**
 * A collision world of a scene: its obstacles, what it attaches, and the contacts it allows. Throws InputError for more
 * than one attached object, or one on a link that does not move with the tool.
 */
export function worldOfScene(robot: Robot, scene: PlanningScene, options: CollisionOptions = {}): CollisionWorld {
  const world = new CollisionWorld(robotOfScene(robot, scene), options);
  const [held, second] = scene.attached;
  if (second !== undefined) {
    throw new InputError(`attached objects ${scene.attached.map(({ name }) => name).join(', ')}`, 'one can be held');
  }
  if (held !== undefined) hold(world, robot, held);
  furnishScene(world, scene);
  return world;
}

/** Replaces all obstacles of a scene's world by the scene's and others, with the contacts that the scene allows. */
export function furnishScene(world: CollisionWorld, scene: PlanningScene, others: readonly Obstacle[] = []): void {
  const all = [...scene.obstacles, ...others];
  world.setObstacles(all);
  const links = new Set(world.robot.model.collision.map(({ link }) => link));
  const obstacles = new Set(all.map(({ name }) => name));
  const [held] = scene.attached;
  const ours = (name: string): string | null => (name === held?.name ? HELD : links.has(name) ? name : null);
  const allow = (a: string, b: string): void => {
    const mover = ours(a);
    if (mover === null) return;
    if (obstacles.has(b)) world.allow(mover, b);
    else if (ours(b) === HELD && mover !== HELD) world.allow(mover, HELD);
  };
  for (const link of held?.touch_links ?? []) if (links.has(link)) world.allow(link, HELD);
  for (const [a, b] of scene.allowed) {
    allow(a, b);
    allow(b, a);
  }
  const movers = [...links, ...(held === undefined ? [] : [held.name])];
  for (const name of scene.always_allowed) {
    for (const other of [...movers, ...obstacles]) {
      allow(name, other);
      allow(other, name);
    }
  }
}

function hold(world: CollisionWorld, { model, tcp_frame }: Robot, held: AttachedObject): void {
  const frame = (name: string): { readonly body: number; readonly pose: Pose } => {
    const { body, R, p } = model.frames[frameIndex(model, name)];
    return { body, pose: { position: [p[0], p[1], p[2]], orientation: quaternionFromMatrix(R) } };
  };
  const tool = frame(tcp_frame);
  if (frameIndex(model, held.link) < 0 || frame(held.link).body !== tool.body) {
    throw new InputError(`${held.name} is attached to ${held.link}`, `give a link that moves with ${tcp_frame}`);
  }
  const T_tool_link = composePoses(invertPose(tool.pose), frame(held.link).pose);
  const { position, orientation } = composePoses(T_tool_link, held.T_link_shape);
  const T_tool_shape = new Float64Array(12);
  quaternionToMatrix(orientation, 0, T_tool_shape, 0);
  T_tool_shape.set(position, 9);
  world.attach(held.shape, T_tool_shape);
}
