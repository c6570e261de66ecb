import { frameIndex, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS, intrinsics } from '../../sim/index.ts';

/** The cameras that an eye sees with, in the order of their pictures. */
export const EYE_CAMERAS = ['overview', 'wrist'] as const;

export interface PictureShape {
  readonly width: number;
  readonly height: number;
}

/** A camera as its calibration has it, at the size of its pictures. */
export interface EyeCamera {
  readonly name: (typeof EYE_CAMERAS)[number];
  /** In which frame it rests. */
  readonly frame: 'world' | 'tool';
  /** Points at depth 1 m of every pixel, turned into that frame: x of all pixels, y of all, z of all. */
  readonly rays: Float32Array;
  /** Where it is in that frame (m). */
  readonly position: readonly [number, number, number];
}

/** Both cameras of the cell at a size of their pictures. */
export function eyeCameras(robot: Robot, { width, height }: PictureShape): readonly EyeCamera[] {
  return EYE_CAMERAS.map((name) => {
    const { mount, horizontal_fov_rad } = CAMERA_SPECS[name];
    const pose = typeof mount === 'string' ? inTool(robot, mount) : pose12(mount);
    const [fx, , cx, , fy, cy] = intrinsics(width, height, horizontal_fov_rad);
    const pixels = width * height;
    const rays = new Float32Array(3 * pixels);
    for (let k = 0; k < pixels; k++) {
      const x = ((k % width) - cx) / fx;
      const y = (Math.floor(k / width) - cy) / fy;
      for (let r = 0; r < 3; r++) rays[r * pixels + k] = pose[3 * r] * x + pose[3 * r + 1] * y + pose[3 * r + 2];
    }
    const frame = typeof mount === 'string' ? 'tool' : 'world';
    return { name, frame, rays, position: [pose[9], pose[10], pose[11]] };
  });
}

/**
 * Height over the table of what every pixel of a camera sees (m); 0 where it sees nothing.
 * @param tool  rotation row-major 9, position 3 (m), frame world
 */
export function heightsSeen(camera: EyeCamera, depth: Float32Array, tool: ArrayLike<number>, out: Float32Array): void {
  const { rays, position, frame } = camera;
  const pixels = depth.length;
  const world = frame === 'world';
  for (let k = 0; k < pixels; k++) {
    const d = depth[k];
    const x = rays[k] * d + position[0];
    const y = rays[pixels + k] * d + position[1];
    const z = rays[2 * pixels + k] * d + position[2];
    out[k] = d === 0 ? 0 : world ? z : tool[6] * x + tool[7] * y + tool[8] * z + tool[11];
  }
}

/** Pose of a frame that is fixed to the tool, in the tool's frame. */
function inTool(robot: Robot, frame: string): Float64Array {
  const { model, tcp_frame, home_q } = robot;
  const data = new RobotData(model);
  placeBodies(model, data, home_q, model.nb);
  const [tool, camera, out] = [new Float64Array(12), new Float64Array(12), new Float64Array(12)];
  framePose(model, data, frameIndex(model, tcp_frame), tool);
  framePose(model, data, frameIndex(model, frame), camera);
  for (let r = 0; r < 3; r++) {
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < 3; c++) out[3 * r + c] += tool[3 * k + r] * camera[3 * k + c];
      out[9 + r] += tool[3 * k + r] * (camera[9 + k] - tool[9 + k]);
    }
  }
  return out;
}

/** @param T  row-major 4×4 */
function pose12(T: readonly number[]): Float64Array {
  return Float64Array.of(...[0, 1, 2].flatMap((r) => T.slice(4 * r, 4 * r + 3)), T[3], T[7], T[11]);
}
