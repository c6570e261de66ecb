import {
  BoxGeometry,
  BufferAttribute,
  BufferGeometry,
  CircleGeometry,
  CylinderGeometry,
  Mesh,
  MeshLambertMaterial,
  PlaneGeometry,
  SphereGeometry,
  SRGBColorSpace,
} from 'three';
import type { Shape, TriangleMesh, Vector3 } from '../../contracts/index.ts';
import type { SurfaceTexture } from '../scene.ts';
import type { RoundShape } from './sections.ts';

/** Numbers of the segmentation image. */
export const LABEL = { background: 0, table: 1, robot: 2, object0: 10 } as const;

/** Facets around a cylinder and a sphere; the polygon is drawn around the circle's mean radius. */
const FACETS = 32;
/** Radius of a regular polygon over that of the circle of equal area. */
const ROUND = Math.sqrt((2 * Math.PI) / FACETS / Math.sin((2 * Math.PI) / FACETS));

/** Unit shapes, shared by every mesh and scaled by it: a geometry is read once however many scenes are built. */
const UNIT: Readonly<Record<Shape['type'] | 'disc' | 'rectangle', BufferGeometry>> = {
  box: new BoxGeometry(1, 1, 1),
  cylinder: new CylinderGeometry(ROUND, ROUND, 1, FACETS).rotateX(Math.PI / 2),
  sphere: new SphereGeometry(ROUND, FACETS, FACETS / 2),
  disc: new CircleGeometry(ROUND, FACETS),
  rectangle: new PlaneGeometry(1, 1),
};

/** Facets of what casts the shadow of a round shape on a GPU; it lies within the shape, so that none falls on itself. */
const CASTER_FACETS = 16;
const WITHIN = 0.998;
UNIT.cylinder.userData.caster = new CylinderGeometry(WITHIN, WITHIN, 1, CASTER_FACETS).rotateX(Math.PI / 2);
UNIT.sphere.userData.caster = new SphereGeometry(WITHIN, CASTER_FACETS, CASTER_FACETS / 2);
UNIT.cylinder.userData.round = 'cylinder' satisfies RoundShape;
UNIT.sphere.userData.round = 'ball' satisfies RoundShape;

/** Of triangle meshes; read once however many scenes show them. */
const TRIANGLES = new WeakMap<TriangleMesh, BufferGeometry>();

function triangleGeometry(mesh: TriangleMesh): BufferGeometry {
  let geometry = TRIANGLES.get(mesh);
  if (geometry === undefined) {
    geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(mesh.vertices, 3));
    geometry.setIndex(new BufferAttribute(mesh.triangles, 1));
    TRIANGLES.set(mesh, geometry);
  }
  return geometry;
}

/**
 * A mesh of a primitive (metres; cylinder axis z) or of triangles in one sRGB colour (0..1) with a segmentation label. The caller sets
 * its pose by `position` and `quaternion`; its size is in `scale`.
 */
export function buildShapeMesh(shape: Shape | TriangleMesh, rgb: Vector3, label: number): Mesh {
  if (shape.type === 'mesh') return meshOf(triangleGeometry(shape), rgb, label);
  const mesh = meshOf(UNIT[shape.type], rgb, label);
  if (shape.type === 'box') mesh.scale.set(shape.size[0], shape.size[1], shape.size[2]);
  else if (shape.type === 'cylinder') mesh.scale.set(shape.radius, shape.radius, shape.length);
  else mesh.scale.setScalar(shape.radius);
  return mesh;
}

/** A flat disc facing +z. */
export function buildDiscMesh(radius_m: number, rgb: Vector3, label: number): Mesh {
  const mesh = meshOf(UNIT.disc, rgb, label);
  mesh.scale.set(radius_m, radius_m, 1);
  return mesh;
}

/** A flat rectangle facing +z, full sizes along x and y. */
export function buildRectangleMesh(size_m: readonly [number, number], rgb: Vector3, label: number): Mesh {
  const mesh = meshOf(UNIT.rectangle, rgb, label);
  mesh.scale.set(size_m[0], size_m[1], 1);
  return mesh;
}

function meshOf(geometry: BufferGeometry, rgb: Vector3, label: number): Mesh {
  const material = new MeshLambertMaterial();
  material.color.setRGB(rgb[0], rgb[1], rgb[2], SRGBColorSpace);
  const mesh = new Mesh(geometry, material);
  mesh.userData.label = label;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  return mesh;
}

/** Lays a pattern over the paint of a mesh; it is read in the mesh's own frame, in metres. */
export function setTexture(mesh: Mesh, texture: SurfaceTexture | undefined): void {
  const { material } = mesh;
  if (texture !== undefined && !Array.isArray(material)) material.userData.texture = texture;
}
