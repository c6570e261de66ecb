/** What of an arm's surface cameras can see: points with outward normals, fixed to its bodies. */
export interface ArmSurface {
  /** Three each, in the frame of the point's body (m). */
  readonly points: Float64Array;
  readonly normals: Float64Array;
  /** Body of every point, by its number. */
  readonly body: Int16Array;
  /** Whether joint j moves body b: entry b · joints + j. */
  readonly moves: Uint8Array;
  readonly joints: number;
}

/** Where an arm stands, as the encoders say. */
export interface ArmPosture {
  /** Rotation row-major 9, and position 3 (m), of every body in the base. */
  readonly R: Float64Array;
  readonly p: Float64Array;
  /** Motion for each joint's speed: angular over linear at the base's origin, base axes, 6 a joint. */
  readonly joints: Float64Array;
}

/** Points of an arm's surface matched to pixels of a depth picture; `add` fills it, and it may be used again. */
export class ArmMatches {
  count = 0;
  readonly capacity: number;
  readonly joints: number;
  /** Pixel (2), depth (m), normal (3) and point (3) in the base, as the encoders have them. */
  readonly data: Float64Array;
  /** How far the point moves along its normal for each joint's turn, m/rad. */
  readonly slopes: Float64Array;

  constructor(capacity: number, joints: number) {
    this.capacity = capacity;
    this.joints = joints;
    this.data = new Float64Array(9 * capacity);
    this.slopes = new Float64Array(joints * capacity);
  }
}
