import sharp from 'sharp';
import {
  createRenderTarget,
  intrinsics,
  lookAt,
  Rasteriser,
  type RenderTarget,
  type SceneView,
  type WorldPoses,
} from '../../sim/index.ts';
import type { Prop } from './prop.ts';

/** Between two moments that are kept, s. */
export const FILM_PERIOD_S = 0.1;
const JPEG_QUALITY = 80;

export interface Spectator {
  readonly width: number;
  readonly height: number;
  /** Where it stands and what it looks at, frame world (m); horizontal field of view. */
  readonly eye: readonly [number, number, number];
  readonly target: readonly [number, number, number];
  readonly horizontal_fov_rad: number;
}

/** Sees arm, table and whoever comes near, from the side on which nobody of the scenarios walks. */
export const SPECTATOR: Spectator = {
  width: 480,
  height: 320,
  eye: [1.95, -1.45, 1.05],
  target: [0.38, 0.12, 0.2],
  horizontal_fov_rad: (52 * Math.PI) / 180,
};

/** Where everything that can be seen was at one moment. */
class Still implements WorldPoses {
  readonly time_s: number;
  private readonly bodies: readonly Float64Array[];
  private readonly objects: readonly Float64Array[];
  private readonly props: readonly { readonly visible: boolean; readonly matrix: readonly number[] }[];

  constructor(time_s: number, world: WorldPoses, bodies: number, objects: number, props: readonly Prop[]) {
    this.time_s = time_s;
    this.bodies = Array.from({ length: bodies }, (_, b) => {
      const pose = new Float64Array(12);
      world.bodyPose(b, pose);
      return pose;
    });
    this.objects = Array.from({ length: objects }, (_, i) => {
      const state = new Float64Array(13);
      world.objectState(i, state, 0);
      return state;
    });
    this.props = props.map(({ object }) => {
      object.updateMatrix();
      return { visible: object.visible, matrix: object.matrix.toArray() };
    });
  }

  bodyPose(body: number, out: Float64Array): void {
    out.set(this.bodies[body]);
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    out.set(this.objects[index], offset);
  }

  placeProps(props: readonly Prop[]): void {
    props.forEach(({ object }, i) => {
      const { visible, matrix } = this.props[i];
      object.visible = visible;
      object.matrix.fromArray(matrix);
      object.matrix.decompose(object.position, object.quaternion, object.scale);
    });
  }
}

/** Keeps where everything is as time passes, and draws any moment of it afterwards. */
export class Film {
  private readonly view: SceneView;
  private readonly props: readonly Prop[];
  private readonly stills: Still[] = [];
  private readonly bodies: number;
  private readonly objects: number;

  constructor(view: SceneView, props: readonly Prop[], bodies: number, objects: number) {
    this.view = view;
    this.props = props;
    this.bodies = bodies;
    this.objects = objects;
  }

  expose(time_s: number, world: WorldPoses): void {
    const last_s = this.stills.at(-1)?.time_s ?? Number.NEGATIVE_INFINITY;
    if (time_s < last_s + FILM_PERIOD_S - 1e-9) return;
    this.stills.push(new Still(time_s, world, this.bodies, this.objects, this.props));
  }

  /** Draws the moment kept that is nearest to `time_s`. */
  draw(time_s: number, { width, height, eye, target, horizontal_fov_rad }: Spectator = SPECTATOR): RenderTarget {
    const gap = (still: Still) => Math.abs(still.time_s - time_s);
    const still = this.stills.reduce((best, one) => (gap(one) < gap(best) ? one : best));
    const out = createRenderTarget(width, height);
    still.placeProps(this.props);
    this.view.update(still);
    const camera = {
      K: intrinsics(width, height, horizontal_fov_rad),
      T_world_camera_optical: lookAt(eye, target, [0, 0, 1]),
      near_m: 0.05,
      far_m: 8,
    };
    new Rasteriser(width, height).render(this.view.scene, camera, out);
    return out;
  }
}

/** A picture as a JPEG file's bytes. */
export function jpegOf({ rgb }: RenderTarget, { width, height }: Pick<Spectator, 'width' | 'height'>): Promise<Buffer> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}
