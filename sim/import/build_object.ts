import { COLOURS, type Colour, type Pose, type TriangleMesh, type Vector3 } from '../../contracts/index.ts';
import {
  composePoses,
  invertPose,
  matrixFromQuaternion,
  rotate,
  rotateInverse,
  transformPoint,
} from '../../dynamics/index.ts';
import { MassSum } from '../../robots/index.ts';
import type { SceneObject } from '../scene.ts';
import { NOMINAL_RGB } from '../tasks/colours.ts';
import type { Solid } from './solid.ts';

/** A solid in its body, with its mass. */
export interface Part {
  readonly solid: Solid;
  readonly T_body_solid: Pose;
  readonly mass_kg: number;
}

/** Mass, centre and inertia of a body in its own frame. */
export interface BodyInertia {
  readonly mass_kg: number;
  readonly com: Vector3;
  /** About the centre of mass, body axes: xx yy zz xy xz yz (kg m²). */
  readonly inertia: readonly number[];
}

export interface BodyDescription {
  readonly name: string;
  readonly T_world_body: Pose;
  readonly inertia: BodyInertia;
  /** What touches, and what is seen besides or instead of it. */
  readonly collision: Pick<Part, 'solid' | 'T_body_solid'>;
  readonly visual: readonly Pick<Part, 'solid' | 'T_body_solid'>[];
  readonly friction: number;
  readonly rgb: Vector3;
}

/** Mass, centre of mass and inertia of several parts together. */
export function totalInertia(parts: readonly Part[]): BodyInertia {
  const sum = new MassSum();
  for (const { solid, T_body_solid, mass_kg } of parts) {
    const com = transformPoint(T_body_solid, solid.com);
    sum.add(
      mass_kg,
      com,
      matrixFromQuaternion(T_body_solid.orientation),
      solid.inertia.map((x) => mass_kg * x),
    );
  }
  return { mass_kg: sum.mass, com: sum.com(), inertia: sum.inertiaAboutCom() };
}

/** The scene object of a body: its frame is that of its shape. */
export function buildObject(body: BodyDescription): SceneObject {
  const { solid, T_body_solid } = body.collision;
  const T_body_shape = composePoses(T_body_solid, { position: solid.centre, orientation: [0, 0, 0, 1] });
  const R = matrixFromQuaternion(T_body_shape.orientation);
  const offset = body.inertia.com.map((x, k) => x - T_body_shape.position[k]);
  const com_m = rotateInverse(R, offset);
  const turned = new MassSum();
  const [x, y, z, w] = T_body_shape.orientation;
  turned.add(1, [0, 0, 0], matrixFromQuaternion([-x, -y, -z, w]), body.inertia.inertia);
  const visual = surfaceOf(body, invertPose(T_body_shape));
  return {
    name: body.name,
    class: solid.shape.type === 'cylinder' ? 'cylinder' : 'box',
    colour: nearestColour(body.rgb),
    shape: solid.shape,
    ...(visual === null ? {} : { visual }),
    mass_kg: body.inertia.mass_kg,
    com_m,
    inertia_kg_m2: turned.inertiaAboutCom(),
    friction: body.friction,
    pose: composePoses(body.T_world_body, T_body_shape),
    rgb: body.rgb,
  };
}

/** All that is seen, in the shape's frame; null if it is the shape. */
function surfaceOf({ collision, visual }: BodyDescription, T_shape_body: Pose): TriangleMesh | null {
  const seen = visual.length > 0 ? visual : [collision];
  const surfaces = seen.flatMap(({ solid, T_body_solid }) => {
    const surface = solid.surface ?? (solid.shape.type === 'mesh' ? solid.shape : null);
    if (surface === null) return [];
    const T = composePoses(T_shape_body, T_body_solid);
    const turn = matrixFromQuaternion(T.orientation);
    const vertices = surface.vertices.slice();
    for (let i = 0; i < vertices.length; i += 3) {
      const at = rotate(turn, surface.vertices.subarray(i, i + 3));
      for (let k = 0; k < 3; k++) vertices[i + k] = at[k] + T.position[k];
    }
    return [{ vertices, triangles: surface.triangles }];
  });
  if (surfaces.length === 0) return null;
  const vertices: number[] = [];
  const triangles: number[] = [];
  for (const surface of surfaces) {
    const first = vertices.length / 3;
    for (const x of surface.vertices) vertices.push(x);
    for (const v of surface.triangles) triangles.push(first + v);
  }
  return { type: 'mesh', vertices: Float64Array.from(vertices), triangles: Uint32Array.from(triangles) };
}

/** The colour name whose paint is nearest. */
function nearestColour(rgb: Vector3): Colour {
  const distance = (colour: Colour) => Math.hypot(...NOMINAL_RGB[colour].map((x, k) => x - rgb[k]));
  return COLOURS.reduce((best, colour) => (distance(colour) < distance(best) ? colour : best));
}
