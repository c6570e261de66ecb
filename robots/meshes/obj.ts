import { InputError } from '../../contracts/index.ts';
import { checkTriangleCount, coordinate, type MeshPart, TriangleGatherer } from './mesh_part.ts';

/** Statements of an OBJ file that say nothing of where its surface is. */
const PASSED = new Set(['#', 'vt', 'vn', 'g', 'o', 's', 'usemtl', 'mtllib', 'p', 'l']);

/**
 * Triangles of a Wavefront OBJ file; polygons become fans. Throws InputError naming the line for what it cannot use,
 * curved surfaces among it.
 */
export function parseObj(text: string, file: string): MeshPart {
  const gatherer = new TriangleGatherer();
  const vertices: number[] = [];
  let count = 0;
  let number = 0;
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    number++;
    const words = line.trim().split(/\s+/);
    const fail = (what: string, allowed: string): never => {
      throw new InputError(`${file} line ${number}: ${what}`, allowed);
    };
    const [keyword] = words;
    if (keyword === '' || keyword.startsWith('#') || PASSED.has(keyword)) continue;
    if (keyword === 'v') {
      if (words.length < 4) fail(line.trim().slice(0, 60), 'a vertex has three coordinates');
      const [x, y, z] = words.slice(1, 4).map((word) => coordinate(Number(word), () => `${file} line ${number}`));
      vertices.push(gatherer.vertex(x, y, z));
    } else if (keyword === 'f') {
      const corners = words.slice(1).map((word) => {
        const index = Number(word.split('/')[0]);
        const at = index < 0 ? vertices.length + index : index - 1;
        if (!Number.isInteger(index) || index === 0 || at < 0 || at >= vertices.length) {
          fail(`corner ${word.slice(0, 30)}`, `must name one of the ${vertices.length} vertices before it`);
        }
        return vertices[at];
      });
      if (corners.length < 3) fail(line.trim().slice(0, 60), 'a face has three corners or more');
      count += corners.length - 2;
      checkTriangleCount(count, `${file} line ${number}`);
      for (let k = 1; k + 1 < corners.length; k++) gatherer.triangle(corners[0], corners[k], corners[k + 1]);
    } else fail(keyword.slice(0, 30), 'an OBJ mesh has v and f; curves and surfaces are not read');
  }
  return gatherer.part();
}
