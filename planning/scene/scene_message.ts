import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Obstacle } from '../../collision/index.ts';
import { InputError, type Pose, type TriangleMesh } from '../../contracts/index.ts';
import { composePoses } from '../../dynamics/index.ts';
import { readMesh, resolveMesh } from '../../robots/index.ts';
import type { AttachedObject, PlanningScene, SceneOptions } from './planning_scene.ts';
import { type SceneShape, sceneObstacle, scenePose } from './scene_shapes.ts';

const xyz = z.object({ x: z.number(), y: z.number(), z: z.number() }).transform(({ x, y, z }) => [x, y, z] as const);
const vector = z.union([z.tuple([z.number(), z.number(), z.number()]), xyz]);
const quaternion = z.union([
  z.tuple([z.number(), z.number(), z.number(), z.number()]),
  z
    .object({ x: z.number(), y: z.number(), z: z.number(), w: z.number() })
    .transform((q) => [q.x, q.y, q.z, q.w] as const),
]);
const pose = z.object({
  position: vector.default([0, 0, 0]),
  orientation: quaternion.default([0, 0, 0, 1]),
});
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((values) => values ?? []);
const indices = z.union([
  z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  z
    .object({ vertex_indices: z.tuple([z.number().int(), z.number().int(), z.number().int()]) })
    .transform((t) => t.vertex_indices),
]);
const mesh = z.union([
  z.object({ resource: z.string(), dimensions: vector.default([1, 1, 1]) }),
  z.object({ vertices: z.array(vector), triangles: z.array(indices) }),
]);
const header = z.object({ frame_id: z.string().default('') }).nullish();

/** moveit_msgs/CollisionObject; type of a primitive by its number in shape_msgs/SolidPrimitive or its name. */
const collisionObject = z.object({
  id: z.string(),
  header,
  operation: z.union([z.number(), z.string()]).default(0),
  pose: pose.nullish(),
  primitives: list(z.object({ type: z.union([z.number(), z.string()]), dimensions: z.array(z.number()) })),
  primitive_poses: list(pose),
  meshes: list(mesh),
  mesh_poses: list(pose),
  planes: list(z.object({ coef: z.array(z.number()) })),
  plane_poses: list(pose),
});
type CollisionObject = z.infer<typeof collisionObject>;

const flag = z.union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)]);
const entries = z.union([z.array(flag), z.object({ enabled: z.array(flag) }).transform((row) => row.enabled)]);

/** moveit_msgs/PlanningScene. */
const scene = z.object({
  name: z.string().nullish(),
  robot_state: z
    .object({
      joint_state: z.object({ name: list(z.string()), position: list(z.number()) }).nullish(),
      attached_collision_objects: list(
        z.object({ link_name: z.string(), object: collisionObject, touch_links: list(z.string()) }),
      ),
    })
    .nullish(),
  fixed_frame_transforms: list(
    z.object({
      header,
      child_frame_id: z.string().default(''),
      transform: z.object({ translation: vector, rotation: quaternion }),
    }),
  ),
  allowed_collision_matrix: z
    .object({
      entry_names: list(z.string()),
      entry_values: list(entries),
      default_entry_names: list(z.string()),
      default_entry_values: list(flag),
    })
    .nullish(),
  link_padding: list(z.object({ link_name: z.string(), padding: z.number() })),
  link_scale: list(z.object({ link_name: z.string(), scale: z.number() })),
  world: z
    .object({
      collision_objects: list(collisionObject),
      octomap: z.object({ octomap: z.object({ data: list(z.unknown()) }).nullish() }).nullish(),
    })
    .nullish(),
});
type Scene = z.infer<typeof scene>;

const TYPES: Readonly<Record<string, 'box' | 'sphere' | 'cylinder' | 'cone'>> = {
  1: 'box',
  2: 'sphere',
  3: 'cylinder',
  4: 'cone',
  box: 'box',
  sphere: 'sphere',
  cylinder: 'cylinder',
  cone: 'cone',
};
const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

/** A moveit_msgs/PlanningScene written as YAML or JSON. Throws InputError with line or path. */
export function parseSceneMessage(text: string, file: string, options: SceneOptions): PlanningScene {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw new InputError(
      `${file} line ${lines.linePos(fault.pos[0]).line}: ${fault.message}`,
      'a scene is YAML or JSON',
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
      'a scene is YAML or JSON',
      {
        cause: error,
      },
    );
  }
  const parsed = scene.safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new InputError(
      `${file}: ${path.join('.') || 'the whole'}: ${message}`,
      'must be a moveit_msgs/PlanningScene',
    );
  }
  return new SceneReader(parsed.data, file, options).read();
}

class SceneReader {
  private readonly scene: Scene;
  private readonly file: string;
  private readonly options: SceneOptions;
  private readonly frames: ReadonlyMap<string, Pose>;

  constructor(parsed: Scene, file: string, options: SceneOptions) {
    this.scene = parsed;
    this.file = file;
    this.options = options;
    const known: [string, Pose][] = ['', 'world', options.root_link ?? 'world'].map((name) => [name, IDENTITY]);
    const fixed = parsed.fixed_frame_transforms.map(({ child_frame_id, transform }): [string, Pose] => [
      bare(child_frame_id),
      scenePose([...transform.translation, ...transform.rotation], `${file}: frame ${child_frame_id}`),
    ]);
    this.frames = new Map([...fixed, ...known, ...Object.entries(options.frames ?? {})]);
  }

  read(): PlanningScene {
    const { scene: s, file } = this;
    if ((s.world?.octomap?.octomap?.data.length ?? 0) > 0) {
      throw new InputError(`${file}: world.octomap`, 'is not read; give its points as a point cloud');
    }
    const scaled = s.link_scale.find(({ scale }) => scale !== 1);
    if (scaled !== undefined) {
      throw new InputError(`${file}: link_scale of ${scaled.link_name}: ${scaled.scale}`, 'use link_padding');
    }
    const state = s.robot_state;
    const position = state?.joint_state?.position ?? [];
    return {
      name: s.name ?? '',
      obstacles: (s.world?.collision_objects ?? []).flatMap((object) => {
        const { id, header: at } = object;
        const frame = this.frames.get(bare(at?.frame_id ?? ''));
        if (frame === undefined) {
          throw new InputError(
            `${this.file}: object ${id}: frame ${at?.frame_id}`,
            `one of ${[...this.frames.keys()].filter((name) => name !== '').join(', ')}; give where others stand`,
          );
        }
        return this.shapes(object, frame);
      }),
      attached: (state?.attached_collision_objects ?? []).map((attached) => this.attached(attached)),
      ...this.allowed(),
      link_padding: Object.fromEntries(s.link_padding.map(({ link_name, padding }) => [link_name, padding])),
      joints: Object.fromEntries(
        (state?.joint_state?.name ?? []).flatMap((name, j) => (j < position.length ? [[name, position[j]]] : [])),
      ),
    };
  }

  private attached(a: NonNullable<Scene['robot_state']>['attached_collision_objects'][number]): AttachedObject {
    const { link_name, object, touch_links } = a;
    const frame = bare(object.header?.frame_id ?? '');
    if (frame !== '' && frame !== link_name) {
      throw new InputError(`${this.file}: attached ${object.id}: frame ${frame}`, `must be its link, ${link_name}`);
    }
    const shapes = this.shapes(object, IDENTITY);
    if (shapes.length !== 1) {
      throw new InputError(`${this.file}: attached ${object.id} of ${shapes.length} shapes`, 'one shape can be held');
    }
    const { shape, pose: T_link_shape } = shapes[0];
    if (shape.type === 'elements') {
      throw new InputError(`${this.file}: attached ${object.id} is a mesh that is not convex`, 'give its hull');
    }
    return { name: object.id, link: link_name, shape, T_link_shape, touch_links };
  }

  private shapes(object: CollisionObject, frame: Pose): Obstacle[] {
    const place = `${this.file}: object ${object.id}`;
    const { operation, id } = object;
    if (operation === 1 || operation === 'remove') return [];
    const whole = composePoses(frame, object.pose ? this.pose(object.pose, place) : IDENTITY);
    const given: (readonly [SceneShape, z.infer<typeof pose> | undefined])[] = [
      ...object.primitives.map(
        (primitive, k) => [this.primitive(primitive, place), object.primitive_poses[k]] as const,
      ),
      ...object.meshes.map((one, k) => [{ type: 'mesh', mesh: this.mesh(one, id) }, object.mesh_poses[k]] as const),
      ...object.planes.map(({ coef }, k) => [{ type: 'plane', dimensions: coef }, object.plane_poses[k]] as const),
    ];
    if (given.length === 0) throw new InputError(`${place} has no shape`, 'give primitives, meshes or planes');
    return given.map(([shape, at]) => {
      const there = composePoses(whole, at === undefined ? IDENTITY : this.pose(at, place));
      return sceneObstacle(id, shape, there, this.options.padding_m ?? 0, place);
    });
  }

  private primitive({ type, dimensions }: CollisionObject['primitives'][number], place: string): SceneShape {
    const name = TYPES[String(type).toLowerCase()];
    if (name === undefined)
      throw new InputError(`${place}: primitive ${type}`, 'box, sphere, cylinder or cone (1 to 4)');
    // a SolidPrimitive has the height before the radius
    const upright = name === 'cylinder' || name === 'cone';
    return { type: name, dimensions: upright ? [...dimensions].reverse() : dimensions };
  }

  private mesh(one: z.infer<typeof mesh>, id: string): TriangleMesh {
    if (!('resource' in one)) {
      return {
        type: 'mesh',
        vertices: Float64Array.from(one.vertices.flatMap((v) => [...v])),
        triangles: Uint32Array.from(one.triangles.flatMap((t) => [...t])),
      };
    }
    const file = resolveMesh(one.resource, this.file, this.options.package_dir ?? null, `object ${id}`);
    const parts = readMesh(file, one.dimensions);
    const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, { vertices }) => sum + vertices.length / 3, 0));
    return {
      type: 'mesh',
      vertices: Float64Array.from(parts.flatMap(({ vertices }) => [...vertices])),
      triangles: Uint32Array.from(parts.flatMap(({ triangles }, i) => Array.from(triangles, (v) => v + starts[i]))),
    };
  }

  private pose({ position, orientation }: z.infer<typeof pose>, place: string): Pose {
    return scenePose([...position, ...orientation], place);
  }

  private allowed(): Pick<PlanningScene, 'allowed' | 'always_allowed'> {
    const matrix = this.scene.allowed_collision_matrix;
    if (matrix === null || matrix === undefined) return { allowed: [], always_allowed: [] };
    const { entry_names: names, entry_values: rows, default_entry_names, default_entry_values } = matrix;
    const place = `${this.file}: allowed_collision_matrix`;
    if (rows.length !== names.length || rows.some((row) => row.length !== names.length)) {
      throw new InputError(
        `${place} of ${names.length} names has other rows`,
        `${names.length} of ${names.length} values`,
      );
    }
    const allowed = names.flatMap((a, i) => names.slice(0, i).flatMap((b, j) => (rows[i][j] ? [[b, a] as const] : [])));
    return { allowed, always_allowed: default_entry_names.filter((_, k) => default_entry_values[k] === true) };
  }
}

/** Older files write frames with a slash. */
function bare(frame: string): string {
  return frame.replace(/^\//, '');
}
