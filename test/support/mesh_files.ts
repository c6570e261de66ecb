import type { Rng, TriangleMesh, Vector3 } from '../../contracts/index.ts';

/** Points on a random ellipsoid, x y z each (m): their hull has every one of them as a vertex. */
export function ellipsoidPoints(rng: Rng, count: number, radii: Vector3, centre: Vector3 = [0, 0, 0]): Float64Array {
  const points = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const x = [rng.normal(), rng.normal(), rng.normal()];
    const length = Math.hypot(...x);
    for (let k = 0; k < 3; k++) points[3 * i + k] = centre[k] + (radii[k] * x[k]) / length;
  }
  return points;
}

/** Corners of a box, as a mesh of twelve triangles. */
export function boxMesh([sx, sy, sz]: Vector3, [cx, cy, cz]: Vector3 = [0, 0, 0]): TriangleMesh {
  const vertices = Float64Array.from(
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
      cx + (i & 1 ? sx : -sx) / 2,
      cy + (i & 2 ? sy : -sy) / 2,
      cz + (i & 4 ? sz : -sz) / 2,
    ]),
  );
  const quads = [1, 3, 7, 5, 0, 4, 6, 2, 2, 6, 7, 3, 0, 1, 5, 4, 4, 5, 7, 6, 0, 2, 3, 1];
  const triangles = Uint32Array.from(
    { length: 36 },
    (_, i) => quads[4 * Math.floor(i / 6) + [0, 1, 2, 0, 2, 3][i % 6]],
  );
  return { type: 'mesh', vertices, triangles };
}

const cornersOf = ({ vertices, triangles }: TriangleMesh) =>
  Array.from({ length: triangles.length / 3 }, (_, t) =>
    [0, 1, 2].map((k) => [...vertices.subarray(3 * triangles[3 * t + k], 3 * triangles[3 * t + k] + 3)]),
  );

export function binaryStl(mesh: TriangleMesh): Uint8Array {
  const facets = cornersOf(mesh);
  const view = new DataView(new ArrayBuffer(84 + 50 * facets.length));
  view.setUint32(80, facets.length, true);
  facets.forEach((corners, f) => {
    corners.flat().forEach((x, i) => void view.setFloat32(84 + 50 * f + 12 + 4 * i, x, true));
  });
  return new Uint8Array(view.buffer);
}

export function asciiStl(mesh: TriangleMesh, newline = '\n'): string {
  const facets = cornersOf(mesh).map((corners) => [
    '  facet normal 0 0 0',
    '    outer loop',
    ...corners.map((x) => `      vertex ${x.join(' ')}`),
    '    endloop',
    '  endfacet',
  ]);
  return ['solid thing', ...facets.flat(), 'endsolid thing', ''].join(newline);
}

/** An OBJ file; every second face names its corners from the end. */
export function obj({ vertices, triangles }: TriangleMesh): string {
  const count = vertices.length / 3;
  const lines = ['# a thing', 'o thing'];
  for (let i = 0; i < count; i++) lines.push(`v ${[...vertices.subarray(3 * i, 3 * i + 3)].join(' ')}`, 'vt 0 0');
  for (let t = 0; t < triangles.length; t += 3) {
    const corner = (v: number) => (t % 2 === 0 ? `${v + 1}/1/` : `${v - count}`);
    lines.push(`f ${[0, 1, 2].map((k) => corner(triangles[t + k])).join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

export interface DaeOptions {
  readonly meter?: number;
  readonly up?: 'X_UP' | 'Y_UP' | 'Z_UP';
  /** Transform elements of the node. */
  readonly node?: string;
  readonly rgba?: readonly number[];
}

/** A COLLADA file with one node; positions have a stride of 3 and triangles an input of normals beside that of vertices. */
export function dae({ vertices, triangles }: TriangleMesh, options: DaeOptions = {}): string {
  const { meter = 1, up = 'Z_UP', node = '', rgba = [0.2, 0.4, 0.6, 1] } = options;
  return `<?xml version="1.0"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><unit name="u" meter="${meter}"/><up_axis>${up}</up_axis></asset>
<library_effects><effect id="e"><profile_COMMON><technique sid="c"><phong><diffuse><color>${rgba.join(' ')}</color></diffuse>
</phong></technique></profile_COMMON></effect></library_effects>
<library_materials><material id="m"><instance_effect url="#e"/></material></library_materials>
<library_geometries><geometry id="g"><mesh>
<source id="gp"><float_array id="gpa" count="${vertices.length}">${[...vertices].join(' ')}</float_array>
<technique_common><accessor source="#gpa" count="${vertices.length / 3}" stride="3"/></technique_common></source>
<source id="gn"><float_array id="gna" count="3">0 0 1</float_array>
<technique_common><accessor source="#gna" count="1" stride="3"/></technique_common></source>
<vertices id="gv"><input semantic="POSITION" source="#gp"/></vertices>
<triangles count="${triangles.length / 3}" material="s"><input semantic="VERTEX" source="#gv" offset="0"/>
<input semantic="NORMAL" source="#gn" offset="1"/><p>${[...triangles].map((v) => `${v} 0`).join(' ')}</p></triangles>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="scene"><node id="n">${node}<instance_geometry url="#g"><bind_material>
<technique_common><instance_material symbol="s" target="#m"/></technique_common></bind_material></instance_geometry></node>
</visual_scene></library_visual_scenes><scene><instance_visual_scene url="#scene"/></scene></COLLADA>`;
}
