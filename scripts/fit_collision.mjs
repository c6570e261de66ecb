// Fits collision and visual primitives to the links of the Panda and writes them into its URDF.
//
//   node scripts/fit_collision.mjs MESH_FOLDER [LINK...]
//
// MESH_FOLDER holds link0.stl .. link7.stl and hand.stl, the convex collision meshes of franka_description
// (github.com/frankaemika/franka_description, Apache-2.0: meshes/robot_arms/fer/collision and
// meshes/robot_ee/franka_hand_white/collision). Their vertices go to robots/golden/panda_hulls.json for the test.
//
// Candidates are prisms, discs and rectangles of several sizes, swept along many directions as far as they stay within
// the overhang allowed (LINKS) of the hull (in closed form from the hull's support in many directions). A greedy set cover picks the fewest
// that contain every sample of the hull with a margin, so that what lies between samples is covered too. What those parts
// leave over, the nearest grow about; then each is shrunk to what only it covers.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Overhang aimed at (m), most parts, and distance of samples (m). Links 5 and 7 pass each other within 15 mm in everyday
 * poses, so theirs are finer.
 */
const COARSE = { overhang: 0.025, parts: 4, spacing: 0.005 };
const LINKS = {
  link0: { overhang: 0.035, parts: 4, spacing: 0.005 },
  link1: COARSE,
  link2: COARSE,
  link3: COARSE,
  link4: COARSE,
  link5: { overhang: 0.011, parts: 9, spacing: 0.003 },
  link6: COARSE,
  link7: { overhang: 0.008, parts: 9, spacing: 0.002 },
};
/** The hand is boxes between these heights (m), exact along the tool axis, because grasps come within millimetres of it. */
const HAND_CUTS = [-0.0265, -0.0148, 0.0365, 0.0663];
/** Between the samples: their circumradius and a little. */
const marginOf = (spacing) => spacing / Math.sqrt(3) + 0.0005;
/** Added where a size is set, so that the point that set it counts as contained. */
const TOUCH = 1e-6;
const RADII = Array.from({ length: 24 }, (_, i) => 0.016 + 0.004 * i);
const HALVES = [0.015, 0.03, 0.045, 0.06, 0.075, 0.1];
const COLOURS = { link7: 'dark', hand: 'grey' };
const URDF = 'robots/panda/panda.urdf';
const HULLS = 'robots/golden/panda_hulls.json';

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((x) => x / Math.hypot(...a));

function readStl(path) {
  const bytes = readFileSync(path);
  const triangles = [];
  for (let i = 0, n = bytes.readUInt32LE(80); i < n; i++) {
    const at = 84 + 50 * i + 12;
    triangles.push([0, 1, 2].map((v) => [0, 1, 2].map((k) => bytes.readFloatLE(at + 12 * v + 4 * k))));
  }
  return triangles;
}

/** Support of the hull in its face normals and in directions spread over the sphere. */
function supports(triangles, vertices) {
  const normals = [];
  for (const [a, b, c] of triangles) {
    const n = cross(
      b.map((x, k) => x - a[k]),
      c.map((x, k) => x - a[k]),
    );
    if (Math.hypot(...n) > 1e-9) normals.push(unit(n));
  }
  for (let i = 0; i < 500; i++) {
    const z = 1 - (2 * i + 1) / 500;
    const s = Math.sqrt(1 - z * z);
    normals.push([s * Math.cos(2.399963 * i), s * Math.sin(2.399963 * i), z]);
  }
  return normals.map((n) => ({ n, reach: Math.max(...vertices.map((v) => dot(n, v))) }));
}

/** Samples of the surface and, more coarsely, of the inside. */
function sample(triangles, planes, spacing) {
  const cells = new Map();
  for (const [a, b, c] of triangles) {
    const longest = Math.max(
      ...[
        [a, b],
        [b, c],
        [c, a],
      ].map(([p, q]) => Math.hypot(...p.map((x, k) => x - q[k]))),
    );
    const n = Math.max(1, Math.ceil(longest / spacing));
    for (let i = 0; i <= n; i++) {
      for (let j = 0; j <= n - i; j++) {
        const p = [0, 1, 2].map((k) => a[k] + ((b[k] - a[k]) * i) / n + ((c[k] - a[k]) * j) / n);
        cells.set(p.map((x) => Math.round(x / (spacing / 2))).join(), p);
      }
    }
  }
  return [...cells.values(), ...grid(planes, 0.012, 0.002)];
}

/** Lattice points at least `depth` inside. */
function grid(planes, step, depth) {
  const points = [];
  const reach = (n) => planes.reduce((best, plane) => (dot(plane.n, n) > dot(best.n, n) ? plane : best)).reach;
  const [x1, y1, z1] = [reach([1, 0, 0]), reach([0, 1, 0]), reach([0, 0, 1])].map((v) => v + step);
  // multiples of the step, so that the joint axes are among them
  const [x0, y0, z0] = [reach([-1, 0, 0]), reach([0, -1, 0]), reach([0, 0, -1])].map(
    (v) => -Math.ceil(v / step) * step,
  );
  for (let x = x0; x <= x1; x += step) {
    for (let y = y0; y <= y1; y += step) {
      for (let z = z0; z <= z1; z += step) {
        if (planes.every(({ n, reach: r }) => dot(n, [x, y, z]) <= r - depth)) points.push([x, y, z]);
      }
    }
  }
  return points;
}

/** Axes, their diagonals in the coordinate planes, and steps of 15° in the yz and xy planes. */
function directions() {
  const list = [[1, 0, 0]];
  for (let step = 0; step < 12; step++) {
    const [c, s] = [Math.cos((step * Math.PI) / 12), Math.sin((step * Math.PI) / 12)];
    list.push([0, c, s]);
    if (step > 0 && step !== 6) list.push([c, s, 0], [s, 0, c]);
  }
  return list;
}

/** The longest sweep of a cross-section from centre c along w that stays within `overhang` of the hull, or null. */
function sweep(planes, overhang, c, [u, v, w], disc, a, b) {
  let high = Infinity;
  let low = Infinity;
  for (const { n, reach } of planes) {
    const along = dot(n, w);
    const side = disc
      ? a * Math.sqrt(Math.max(0, 1 - along * along))
      : a * Math.abs(dot(n, u)) + b * Math.abs(dot(n, v));
    const room = reach + overhang - dot(n, c) - side;
    if (room < 0) return null;
    if (along > 1e-9) high = Math.min(high, room / along);
    else if (along < -1e-9) low = Math.min(low, room / -along);
  }
  return { axes: [u, v, w], c, disc, a, b, high, low };
}

function candidates(planes, overhang, step) {
  const list = [];
  for (const c of grid(planes, step, 0.006)) {
    directions().forEach((w, i) => {
      const u = unit(Math.abs(w[0]) > 0.9 ? cross(w, [0, 0, 1]) : cross(w, [1, 0, 0]));
      const axes = [u, cross(w, u), w];
      for (const a of RADII) {
        const round = sweep(planes, overhang, c, axes, true, a, a);
        if (round !== null) list.push(round);
      }
      if (i % 2 > 0) return;
      for (const a of HALVES) {
        for (const b of HALVES) {
          const square = sweep(planes, overhang, c, axes, false, a, b);
          if (square !== null) list.push(square);
        }
      }
    });
  }
  return list;
}

function contains({ axes: [u, v, w], c, disc, a, b, high, low }, p, margin) {
  const dx = p[0] - c[0];
  const dy = p[1] - c[1];
  const dz = p[2] - c[2];
  const z = dx * w[0] + dy * w[1] + dz * w[2];
  if (z > high - margin || z < margin - low) return false;
  const x = dx * u[0] + dy * u[1] + dz * u[2];
  const y = dx * v[0] + dy * v[1] + dz * v[2];
  return disc ? x * x + y * y <= (a - margin) ** 2 : Math.abs(x) <= a - margin && Math.abs(y) <= b - margin;
}

/** Greedy set cover by at most `most_parts`, with lazily updated gains; `rest` are the samples left over. */
function cover(points, list, most_parts, margin) {
  const scratch = new Uint32Array(points.length);
  const sets = list.map((part) => {
    let count = 0;
    for (let i = 0; i < points.length; i++) if (contains(part, points[i], margin)) scratch[count++] = i;
    return scratch.slice(0, count);
  });
  const open = new Uint8Array(points.length).fill(1);
  const gains = sets.map((set) => set.length);
  const chosen = [];
  while (chosen.length < most_parts) {
    let best = -1;
    let most = 0;
    for (let k = 0; k < sets.length; k++) {
      if (gains[k] <= most) continue;
      gains[k] = sets[k].reduce((sum, i) => sum + open[i], 0);
      if (gains[k] > most) {
        most = gains[k];
        best = k;
      }
    }
    if (best < 0) break;
    for (const i of sets[best]) open[i] = 0;
    chosen.push(list[best]);
  }
  return { chosen, rest: points.filter((_, i) => open[i] === 1) };
}

/** Lets the part nearest to each point left over grow about it. */
function grow(parts, rest, margin) {
  const grown = parts.map((part) => ({ ...part }));
  for (const p of rest) {
    let nearest = null;
    let least = Infinity;
    for (const part of grown) {
      const [x, y, z] = part.axes.map((axis) =>
        dot(
          axis,
          p.map((value, k) => value - part.c[k]),
        ),
      );
      const size = {
        high: Math.max(part.high, z + margin + TOUCH),
        low: Math.max(part.low, margin + TOUCH - z),
        a: Math.max(part.a, (part.disc ? Math.hypot(x, y) : Math.abs(x)) + margin + TOUCH),
        b: Math.max(part.b, part.disc ? 0 : Math.abs(y) + margin + TOUCH),
      };
      const growth = size.high + size.low + size.a + size.b - part.high - part.low - part.a - part.b;
      if (growth < least) {
        least = growth;
        nearest = { part, size };
      }
    }
    Object.assign(nearest.part, nearest.size);
  }
  return grown;
}

/** Shrinks each part to the samples that no other part covers; the largest first. */
function shrink(points, parts, margin) {
  const kept = [...parts];
  for (let k = kept.length - 1; k >= 0; k--) {
    const part = kept[k];
    const own = points.filter((p) => !kept.some((other, j) => j !== k && contains(other, p, margin)));
    if (own.length === 0) {
      kept.splice(k, 1);
      continue;
    }
    const [u, v, w] = part.axes;
    const offsets = own.map((p) => p.map((x, i) => x - part.c[i]));
    const most = (f) => Math.max(...offsets.map(f)) + margin + TOUCH;
    kept[k] = {
      ...part,
      high: most((d) => dot(d, w)),
      low: most((d) => -dot(d, w)),
      a: part.disc ? most((d) => Math.hypot(dot(d, u), dot(d, v))) : most((d) => Math.abs(dot(d, u))),
      b: most((d) => Math.abs(dot(d, v))),
    };
  }
  return kept;
}

/** The bounding boxes of the mesh between heights, in the form of a swept rectangle. */
function slabs(triangles, cuts) {
  return cuts.slice(1).map((top, k) => {
    const bottom = cuts[k];
    const points = [];
    for (const t of triangles) {
      t.forEach((p, i) => {
        const q = t[(i + 1) % 3];
        if (p[2] >= bottom && p[2] <= top) points.push(p);
        for (const plane of [bottom, top]) {
          if (p[2] < plane === q[2] < plane) continue;
          const s = (plane - p[2]) / (q[2] - p[2]);
          points.push([0, 1, 2].map((j) => p[j] + s * (q[j] - p[j])));
        }
      });
    }
    const low = [0, 1, 2].map((j) => Math.min(...points.map((p) => p[j])));
    const high = [0, 1, 2].map((j) => Math.max(...points.map((p) => p[j])));
    const c = low.map((x, j) => (x + high[j]) / 2);
    const [a, b, half] = high.map((x, j) => x - c[j]);
    return {
      axes: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      c,
      disc: false,
      a,
      b,
      high: half,
      low: half,
    };
  });
}

function rpy([x, y, z]) {
  const pitch = Math.atan2(-x[2], Math.hypot(x[0], x[1]));
  if (Math.hypot(x[0], x[1]) > 1e-9) return [Math.atan2(y[2], z[2]), pitch, Math.atan2(x[1], x[0])];
  return [Math.atan2(-z[1], y[1]), pitch, 0];
}

const text = (value, digits) => String(Number(value.toFixed(digits)) + 0);
/** Sizes are rounded outwards, past the rounding of the centre. */
const size = (value) => text(Math.ceil(value * 1e4 + 1) / 1e4, 4);

function element(kind, name, { axes, c, disc, a, b, high, low }, material) {
  const centre = c.map((x, k) => x + (axes[2][k] * (high - low)) / 2);
  const angles = rpy(axes);
  const turn = angles.some((x) => Math.abs(x) > 1e-9) ? ` rpy="${angles.map((x) => text(x, 12)).join(' ')}"` : '';
  const origin = `<origin xyz="${centre.map((x) => text(x, 4)).join(' ')}"${turn}/>`;
  const geometry = disc
    ? `<cylinder radius="${size(a)}" length="${size(high + low)}"/>`
    : `<box size="${[2 * a, 2 * b, high + low].map(size).join(' ')}"/>`;
  const colour = kind === 'visual' ? `<material name="${material}"/>` : '';
  return `    <${kind} name="${name}">${origin}<geometry>${geometry}</geometry>${colour}</${kind}>`;
}

function fitLink(triangles, vertices, { overhang, parts, spacing }) {
  const volume = triangles.reduce((sum, [a, b, c]) => sum + dot(a, cross(b, c)) / 6, 0);
  const margin = marginOf(spacing);
  const planes = supports(triangles, vertices);
  const points = sample(triangles, planes, spacing);
  const list = candidates(planes, overhang, Math.cbrt(volume / 200));
  const { chosen, rest } = cover(points, list, parts, margin);
  return shrink(points, grow(chosen, rest, margin), margin);
}

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: node scripts/fit_collision.mjs MESH_FOLDER\n');
  process.exit(2);
}
let urdf = readFileSync(URDF, 'utf8');
const hulls = {};
for (const link of [...Object.keys(LINKS), 'hand']) {
  const triangles = readStl(join(folder, `${link}.stl`));
  const vertices = [...new Map(triangles.flat().map((v) => [v.join(), v])).values()];
  hulls[link] = vertices.map((v) => v.map((x) => Number(x.toFixed(5))));
  if (only.length > 0 && !only.includes(link)) continue;
  const parts = link === 'hand' ? slabs(triangles, HAND_CUTS) : fitLink(triangles, vertices, LINKS[link]);
  // what is seen may be coarser than what is kept apart
  const seen = parts.length > 4 ? fitLink(triangles, vertices, { ...COARSE, overhang: 0.02 }) : parts;
  const lines = [
    ...parts.map((part, i) => element('collision', `${link}_${i}`, part, '')),
    ...seen.map((part, i) => element('visual', `${link}_${i}`, part, COLOURS[link] ?? 'white')),
  ];
  const marks = new RegExp(`(<!-- fitted ${link} -->\\n)[^]*?( *<!-- end of fitted -->)`);
  urdf = urdf.replace(marks, (_all, open, close) => `${open}${lines.join('\n')}\n${close}`);
  process.stdout.write(`${link}: ${parts.map(({ disc }) => (disc ? 'cylinder' : 'box')).join(' ')}\n`);
}
writeFileSync(URDF, urdf);
const source = 'vertices of the convex collision meshes of github.com/frankaemika/franka_description, Apache-2.0';
writeFileSync(HULLS, `${JSON.stringify({ source, unit: 'm, link frames', hulls })}\n`);
