import { InputError } from '../../contracts/index.ts';
import { checkTriangleCount, coordinate, type MeshPart, TriangleGatherer } from './mesh_part.ts';

const HEADER = 80;
const COUNT = 4;
const FACET = 50;

/**
 * Triangles of an STL file, binary (little endian) or ASCII. A file is binary if its length is that of its count of
 * triangles; normals are not read, the corners' order says what is outside. Throws InputError naming facet or line.
 */
export function parseStl(bytes: Uint8Array, file: string): MeshPart {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >= HEADER + COUNT ? view.getUint32(HEADER, true) : -1;
  if (count >= 0 && bytes.length === HEADER + COUNT + FACET * count) return binary(view, count, file);
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 512));
  if (/^\s*solid\b/i.test(text) && /\b(facet|endsolid)\b/i.test(text))
    return ascii(new TextDecoder().decode(bytes), file);
  if (count < 0) {
    throw new InputError(
      `${file}: ${bytes.length} bytes`,
      'a binary STL has 84 and more, an ASCII one begins with solid',
    );
  }
  checkTriangleCount(count, `${file}: header`);
  throw new InputError(
    `${file}: ${bytes.length} bytes for ${count} triangles`,
    `a binary STL of so many has ${HEADER + COUNT + FACET * count}; is it cut off, or no STL?`,
  );
}

function binary(view: DataView, count: number, file: string): MeshPart {
  checkTriangleCount(count, `${file}: header`);
  const gatherer = new TriangleGatherer();
  for (let f = 0; f < count; f++) {
    const at = (corner: number, k: number): number =>
      coordinate(
        view.getFloat32(HEADER + COUNT + FACET * f + 12 * (corner + 1) + 4 * k, true),
        () => `${file}: triangle ${f + 1} of ${count}`,
      );
    const [a, b, c] = [0, 1, 2].map((corner) => gatherer.vertex(at(corner, 0), at(corner, 1), at(corner, 2)));
    gatherer.triangle(a, b, c);
  }
  return gatherer.part();
}

function ascii(text: string, file: string): MeshPart {
  const gatherer = new TriangleGatherer();
  let corners: number[] = [];
  let solid = false;
  let count = 0;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const words = line.trim().split(/\s+/);
    const fail = (allowed: string): never => {
      throw new InputError(`${file} line ${number}: ${line.trim().slice(0, 60)}`, allowed);
    };
    switch (words[0].toLowerCase()) {
      case '':
      case 'facet':
        break;
      case 'solid':
        solid = true;
        break;
      case 'outer':
        corners = [];
        break;
      case 'vertex': {
        if (words.length !== 4) fail('a vertex has three coordinates');
        const [x, y, z] = words.slice(1).map((word) => coordinate(Number(word), () => `${file} line ${number}`));
        corners.push(gatherer.vertex(x, y, z));
        break;
      }
      case 'endloop':
        if (corners.length !== 3) fail('a facet has three vertices');
        checkTriangleCount(++count, `${file} line ${number}`);
        gatherer.triangle(corners[0], corners[1], corners[2]);
        corners = [];
        break;
      case 'endfacet':
        if (corners.length !== 0) fail('a facet ends its loop first');
        break;
      case 'endsolid':
        solid = false;
        break;
      default:
        fail('an ASCII STL has solid, facet, outer loop, vertex, endloop, endfacet and endsolid');
    }
  }
  if (solid) throw new InputError(`${file} line ${number}`, 'an ASCII STL ends with endsolid; is it cut off?');
  return gatherer.part();
}
