import { SHADOW_BIAS_M, SHADOW_BIAS_TEXELS } from '../faces.ts';
import { FULL, NOISE_PER_GRAIN, NOISE_SIZE, PATTERN, PATTERN_INSET_M } from '../texture.ts';

/** Bytes between the records of two meshes: the least alignment that every adapter allows. */
export const MESH_STRIDE = 256;
/** Numbers of the frame's record. */
export const FRAME_FLOATS = 52;
/** Nearness to the sun that the shadow map holds, m from the target either way. */
export const SHADOW_REACH_M = 8;

const RECORDS = /* wgsl */ `
struct Frame {
  clipX: vec4f,      // clip x of camera X, Y, Z, 1
  clipY: vec4f,
  near: f32, far: f32, lightCount: f32, sun: f32,
  ambient: vec4f,
  lightDirection: array<vec4f, 4>,
  light: array<vec4f, 4>,
  shadow: vec4f,     // columns, rows, texel (m), 1 if there is a sun
};
struct MeshRecord {
  camera: array<vec4f, 3>,   // mesh to camera
  world: array<vec4f, 3>,    // mesh normals to the world, up to length; w: label, receives shadows, casts shadows
  sun: array<vec4f, 3>,      // mesh to the shadow map: column, row, nearness
  paint: vec4f,              // linear; w: kind of pattern
  over: vec4f,               // linear, what a full pattern adds; w: 1 / scale
  scale: vec4f,              // mesh to the shape's frame
  offset: vec4f,             // of the pattern
};
@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<uniform> mesh: MeshRecord;
@group(0) @binding(2) var<storage, read> noise: array<u32>;

fn rows(m: array<vec4f, 3>, p: vec3f) -> vec3f {
  let h = vec4f(p, 1.0);
  return vec3f(dot(m[0], h), dot(m[1], h), dot(m[2], h));
}
`;

/** Nearness to the sun into a depth buffer, 0 farthest. */
export const SHADOW_WGSL = `${RECORDS}
@vertex fn vertex(@location(0) position: vec3f) -> @builtin(position) vec4f {
  let at = rows(mesh.sun, position);
  let x = 2.0 * (at.x + 0.5) / frame.shadow.x - 1.0;
  let y = 1.0 - 2.0 * (at.y + 0.5) / frame.shadow.y;
  return vec4f(x, y, 0.5 + 0.5 * at.z / ${SHADOW_REACH_M}.0, 1.0);
}
`;

/** Colour, depth and label, as the rasteriser and its shader have them. */
export const PICTURE_WGSL = `${RECORDS}
@group(0) @binding(3) var shadowMap: texture_depth_2d;

struct Varying {
  @builtin(position) clip: vec4f,
  @location(0) local: vec3f,
  @location(1) depth: f32,
  @location(2) @interpolate(flat) normal: vec3f,
};

@vertex fn vertex(@location(0) position: vec3f, @location(1) normal: vec3f) -> Varying {
  let at = rows(mesh.camera, position);
  let h = vec4f(at, 1.0);
  // near / z: 1 at the near plane, 0 far away.
  return Varying(vec4f(dot(frame.clipX, h), dot(frame.clipY, h), frame.near, at.z), position, at.z, normal);
}

fn cell(x: f32) -> i32 { return i32(floor(x)); }

fn level(local: vec3f, normal: vec3f) -> f32 {
  let kind = mesh.paint.w;
  let under = local * mesh.scale.xyz - normalize(normal / mesh.scale.xyz) * ${PATTERN_INSET_M} - mesh.offset.xyz;
  let p = under * mesh.over.w;
  if (kind == ${PATTERN.checker}.0) { return f32((cell(2.0 * p.x) + cell(2.0 * p.y) + cell(2.0 * p.z)) & 1); }
  if (kind == ${PATTERN.stripes}.0) { return f32(cell(2.0 * p.x) & 1); }
  if (kind == ${PATTERN.noise}.0) {
    let i = cell(p.x * ${NOISE_PER_GRAIN}.0) & ${NOISE_SIZE - 1};
    let j = cell(p.y * ${NOISE_PER_GRAIN}.0) & ${NOISE_SIZE - 1};
    let k = cell(p.z * ${NOISE_PER_GRAIN}.0) & ${NOISE_SIZE - 1};
    let n = (k * ${NOISE_SIZE} + j) * ${NOISE_SIZE} + i;
    return f32((noise[n >> 2] >> u32(8 * (n & 3))) & 255u) / ${FULL}.0;
  }
  return select(0.0, 1.0, dot(p, p) <= 1.0);
}

fn inShadow(local: vec3f, cosine: f32) -> bool {
  if (frame.shadow.w == 0.0 || mesh.world[1].w == 0.0) { return false; }
  let at = rows(mesh.sun, local);
  let texel = vec2i(floor(at.xy + 0.5));
  if (any(texel < vec2i(0)) || any(texel >= vec2i(frame.shadow.xy))) { return false; }
  let slope = sqrt(max(0.0, 1.0 - cosine * cosine)) / cosine;
  let bias = ${SHADOW_BIAS_M} + ${SHADOW_BIAS_TEXELS} * frame.shadow.z * slope;
  let nearest = (textureLoad(shadowMap, texel, 0) - 0.5) * 2.0 * ${SHADOW_REACH_M}.0;
  return nearest > at.z + bias;
}

fn encode(linear: vec3f) -> vec3f {
  let c = clamp(linear, vec3f(0.0), vec3f(1.0));
  return select(1.055 * pow(c, vec3f(1.0 / 2.4)) - 0.055, 12.92 * c, c <= vec3f(0.0031308));
}

struct Picture { @location(0) rgb: vec4f, @location(1) depth: f32, @location(2) label: u32 };

@fragment fn fragment(in: Varying) -> Picture {
  if (in.depth > frame.far) { discard; }
  let normal = normalize(vec3f(dot(mesh.world[0].xyz, in.normal), dot(mesh.world[1].xyz, in.normal), dot(mesh.world[2].xyz, in.normal)));
  var light = frame.ambient.xyz;
  for (var i = 0; i < i32(frame.lightCount); i++) {
    let cosine = dot(normal, frame.lightDirection[i].xyz);
    if (cosine <= 0.0) { continue; }
    if (f32(i) == frame.sun && inShadow(in.local, cosine)) { continue; }
    light += cosine * frame.light[i].xyz;
  }
  var albedo = mesh.paint.xyz;
  if (mesh.paint.w > 0.0) { albedo += level(in.local, in.normal) * mesh.over.xyz; }
  return Picture(vec4f(encode(light * albedo), 1.0), in.depth, u32(mesh.world[0].w));
}
`;
