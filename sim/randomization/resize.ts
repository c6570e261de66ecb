import type { ConvexMesh, Pose, Shape, Vector3 } from '../../contracts/index.ts';
import type { SceneObject, SurfaceTexture } from '../scene.ts';

/**
 * The object with its sizes times `scale` along the axes of its shape, standing on the same height; a round shape takes
 * one factor across. A spot stays where it was on its side. A mesh is left as it is.
 */
export function resize(object: SceneObject, scale: Vector3): SceneObject {
  const { shape, pose, texture } = object;
  if (shape.type === 'mesh' || scale.every((factor) => factor === 1)) return object;
  const [x, y, z] = pose.position;
  const position: Vector3 = [x, y, z + halfHeight(scaled(shape, scale)) - halfHeight(shape)];
  return {
    ...object,
    shape: scaled(shape, scale),
    pose: { position, orientation: pose.orientation },
    ...(texture === undefined ? {} : { texture: moved(texture, shape, scale) }),
  };
}

/** Moves objects' places in the plane towards or away from their mean, so that what touched still touches. */
export function spread(objects: readonly SceneObject[], factor: number): SceneObject[] {
  const mean = (k: 0 | 1) => objects.reduce((sum, { pose }) => sum + pose.position[k], 0) / objects.length;
  const [mx, my] = [mean(0), mean(1)];
  return objects.map((object) => {
    const [x, y, z] = object.pose.position;
    const pose: Pose = { ...object.pose, position: [mx + factor * (x - mx), my + factor * (y - my), z] };
    return { ...object, pose };
  });
}

function scaled(shape: Shape, [x, y, z]: Vector3): Shape {
  switch (shape.type) {
    case 'box':
      return { type: 'box', size: [shape.size[0] * x, shape.size[1] * y, shape.size[2] * z] };
    case 'cylinder':
      return { type: 'cylinder', radius: shape.radius * x, length: shape.length * z };
    case 'sphere':
      return { type: 'sphere', radius: shape.radius * x };
  }
}

function halfHeight(shape: Shape): number {
  return shape.type === 'box' ? shape.size[2] / 2 : shape.type === 'cylinder' ? shape.length / 2 : shape.radius;
}

function moved(texture: SurfaceTexture, { type }: Shape | ConvexMesh, [x, y, z]: Vector3): SurfaceTexture {
  if (texture.kind !== 'spot') return texture;
  const [a, b, c] = texture.offset_m;
  const across = type === 'box' ? y : x;
  const along = type === 'sphere' ? x : z;
  return { ...texture, offset_m: [a * x, b * across, c * along] };
}
