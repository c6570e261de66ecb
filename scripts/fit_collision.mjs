// Fits collision and visual primitives to the links of the Panda and writes them into the URDF.
//
//   node scripts/fit_collision.mjs MESH_FOLDER [robots/panda/panda.urdf]
//
// MESH_FOLDER holds link0.stl .. link7.stl and hand.stl, the convex collision meshes of franka_description
// (github.com/frankaemika/franka_description, Apache-2.0: meshes/robot_arms/fer/collision, robot_ee/franka_hand_white).
//
// A link is cut into slabs by parallel planes. Every slab gets the primitive of least volume (box, cylinder or sphere)
// that contains it whole; directions, planes and number of slabs are those of least total volume. The union covers the
// mesh exactly, because each triangle clipped to a slab is the convex hull of points inside the slab's primitive.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLANES = 25;
const MAX_PARTS = 5;
/** A further part must save this share of the volume. */
const WORTH = 0.06;
/** Outward rounding of every size, so that printed numbers still cover; m. */
const ROUND = 1e-4;
const LINKS = ['link0', 'link1', 'link2', 'link3', 'link4', 'link5', 'link6', 'link7', 'hand'];

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

function readStl(path) {
  const bytes = readFileSync(path);
  const triangles = [];
  for (let i = 0, n = bytes.readUInt32LE(80); i < n; i++) {
    const at = 84 + 50 * i + 12;
    triangles.push([0, 1, 2].map((v) => [0, 1, 2].map((k) => bytes.readFloatLE(at + 12 * v + 4 * k))));
  }
  return triangles;
}

/** Slicing frames: the first axis is the slicing direction. */
function frames() {
  const list = [];
  for (const axis of [0, 1, 2]) {
    for (let step = 0; step < 12; step++) {
      const angle = (step * Math.PI) / 12;
      const u = [0, 0, 0];
      u[(axis + 1) % 3] = Math.cos(angle);
      u[(axis + 2) % 3] = Math.sin(angle);
      const w = [0, 0, 0];
      w[axis] = 1;
      list.push([u, w, cross(u, w)]);
    }
  }
  return list;
}

/** Smallest circle about 2-D points (Badoiu and Clarkson 2003), good to a part in a thousand, then made to contain. */
function circle(points) {
  let x = 0;
  let y = 0;
  for (const p of points) {
    x += p[0] / points.length;
    y += p[1] / points.length;
  }
  for (let i = 1; i < 300; i++) {
    let far = points[0];
    let best = -1;
    for (const p of points) {
      const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
      if (d > best) {
        best = d;
        far = p;
      }
    }
    x += (far[0] - x) / (i + 1);
    y += (far[1] - y) / (i + 1);
  }
  let radius = 0;
  for (const p of points) radius = Math.max(radius, Math.hypot(p[0] - x, p[1] - y));
  return [x, y, radius];
}

function range(points, axis) {
  let low = Infinity;
  let high = -Infinity;
  for (const p of points) {
    const d = dot(p, axis);
    low = Math.min(low, d);
    high = Math.max(high, d);
  }
  return [low, high];
}

const combine = (axes, c) => [0, 1, 2].map((k) => axes[0][k] * c[0] + axes[1][k] * c[1] + axes[2][k] * c[2]);

/** The primitive of least volume about points, aligned with the slicing direction u. */
function enclose(points, [u, v, w]) {
  let best = null;
  const offer = (candidate) => {
    if (best === null || candidate.volume < best.volume) best = candidate;
  };
  for (let step = 0; step < 6; step++) {
    const angle = (step * Math.PI) / 12;
    const a = [0, 1, 2].map((k) => Math.cos(angle) * v[k] + Math.sin(angle) * w[k]);
    const axes = [u, a, cross(u, a)];
    const spans = axes.map((axis) => range(points, axis));
    const size = spans.map(([low, high]) => high - low);
    const centre = combine(axes, spans.map(([low, high]) => (low + high) / 2));
    offer({ type: 'box', axes, centre, size, volume: size[0] * size[1] * size[2] });
  }
  for (const axes of [
    [v, w, u],
    [w, u, v],
    [u, v, w],
  ]) {
    const [x, y, radius] = circle(points.map((p) => [dot(p, axes[0]), dot(p, axes[1])]));
    const [low, high] = range(points, axes[2]);
    const centre = combine(axes, [x, y, (low + high) / 2]);
    offer({ type: 'cylinder', axes, centre, radius, length: high - low, volume: Math.PI * radius ** 2 * (high - low) });
  }
  return best;
}

/** Points whose hull is the part of the mesh between two planes. */
function slab(triangles, u, low, high) {
  const points = [];
  for (const t of triangles) {
    for (let i = 0; i < 3; i++) {
      const p = t[i];
      const q = t[(i + 1) % 3];
      const a = dot(p, u);
      const b = dot(q, u);
      if (a >= low && a <= high) points.push(p);
      for (const plane of [low, high]) {
        if (a < plane !== b < plane) {
          const s = (plane - a) / (b - a);
          points.push([0, 1, 2].map((k) => p[k] + s * (q[k] - p[k])));
        }
      }
    }
  }
  return points;
}

/** Best cuts for 1 .. MAX_PARTS slabs along one frame, by dynamic programming. */
function cuts(triangles, frame) {
  const [low, high] = range(triangles.flat(), frame[0]);
  const plane = (i) => low + ((high - low) * i) / PLANES;
  const cost = Array.from({ length: PLANES + 1 }, () => new Array(PLANES + 1).fill(null));
  for (let i = 0; i < PLANES; i++) {
    for (let j = i + 1; j <= PLANES; j++) {
      if (j - i < 2) continue;
      const points = slab(triangles, frame[0], plane(i), plane(j));
      if (points.length > 0) cost[i][j] = enclose(points, frame);
    }
  }
  let table = cost[0].map((part) => (part === null ? null : { volume: part.volume, parts: [part] }));
  const best = [table[PLANES]];
  for (let k = 2; k <= MAX_PARTS; k++) {
    const next = new Array(PLANES + 1).fill(null);
    for (let j = 1; j <= PLANES; j++) {
      for (let i = 1; i < j; i++) {
        if (table[i] === null || cost[i][j] === null) continue;
        const volume = table[i].volume + cost[i][j].volume;
        if (next[j] === null || volume < next[j].volume) next[j] = { volume, parts: [...table[i].parts, cost[i][j]] };
      }
    }
    table = next;
    best.push(table[PLANES]);
  }
  return best;
}

function fit(triangles) {
  let chosen = null;
  const bests = new Array(MAX_PARTS).fill(null);
  for (const frame of frames()) {
    cuts(triangles, frame).forEach((result, k) => {
      if (result !== null && (bests[k] === null || result.volume < bests[k].volume)) bests[k] = result;
    });
  }
  for (const result of bests) {
    if (result === null) continue;
    if (chosen === null || result.volume < chosen.volume * (1 - WORTH) ** (result.parts.length - chosen.parts.length)) {
      chosen = result;
    }
  }
  return chosen;
}

function rpy([x, y, z]) {
  const pitch = Math.atan2(-x[2], Math.hypot(x[0], x[1]));
  if (Math.hypot(x[0], x[1]) > 1e-9) return [Math.atan2(y[2], z[2]), pitch, Math.atan2(x[1], x[0])];
  return [Math.atan2(-z[1], y[1]), pitch, 0];
}

const text = (value, digits) => String(Number(value.toFixed(digits)) + 0);
const up = (value) => text(Math.ceil(value / ROUND + 1) * ROUND, 4);

function element(kind, name, part, material) {
  const origin = part.centre.map((c) => text(c, 4)).join(' ');
  const angles = rpy(part.axes);
  const turn = angles.some((a) => Math.abs(a) > 1e-9) ? ` rpy="${angles.map((a) => text(a, 12)).join(' ')}"` : '';
  const geometry =
    part.type === 'box'
      ? `<box size="${part.size.map(up).join(' ')}"/>`
      : `<cylinder radius="${up(part.radius)}" length="${up(part.length)}"/>`;
  const colour = kind === 'visual' ? `<material name="${material}"/>` : '';
  return `    <${kind} name="${name}"><origin xyz="${origin}"${turn}/><geometry>${geometry}</geometry>${colour}</${kind}>`;
}

const [folder, urdfPath = 'robots/panda/panda.urdf'] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: node scripts/fit_collision.mjs MESH_FOLDER [URDF]\n');
  process.exit(2);
}
let urdf = readFileSync(urdfPath, 'utf8');
for (const link of LINKS) {
  const triangles = readStl(join(folder, `${link}.stl`));
  const hull = triangles.reduce((sum, [a, b, c]) => sum + dot(a, cross(b, c)) / 6, 0);
  const { parts, volume } = fit(triangles);
  const lines = ['collision', 'visual'].flatMap((kind) =>
    parts.map((part, i) => element(kind, `${link}_${i}`, part, link === 'hand' ? 'grey' : 'white')),
  );
  const marks = new RegExp(`(<!-- fitted ${link} -->\\n)[^]*?( *<!-- end of fitted -->)`);
  urdf = urdf.replace(marks, (_all, open, close) => `${open}${lines.join('\n')}\n${close}`);
  const kinds = parts.map((part) => part.type).join(' ');
  process.stdout.write(`${link}: ${kinds}; ${(volume * 1e3).toFixed(2)} L around ${(hull * 1e3).toFixed(2)} L\n`);
}
writeFileSync(urdfPath, urdf);
