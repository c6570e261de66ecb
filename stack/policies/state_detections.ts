import {
  type Clock,
  type ConvexMesh,
  type Detection,
  meshBounds,
  type Node,
  type NodeContext,
  type Shape,
  secondsToStamp,
  TOPICS,
  type Vector3,
} from '../../contracts/index.ts';
import { quaternionToMatrix, rotate } from '../../dynamics/index.ts';
import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';

const PERIOD_S = 0.1;

/** Publishes the simulator's own object poses as detections: what the expert policy is told instead of pictures. */
export class StateDetectionsNode implements Node {
  readonly name = 'state_detections';
  private readonly scene: SceneModel;
  private readonly engine: PhysicsEngine;
  private readonly state = new Float64Array(13);
  private readonly R = new Float64Array(9);
  private context: NodeContext | null = null;
  private cancel: (() => void) | null = null;
  private frame = 0;

  constructor(scene: SceneModel, engine: PhysicsEngine) {
    this.scene = scene;
    this.engine = engine;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    if (this.context !== null) this.plan(this.context.clock);
  }

  deactivate(): void {
    this.cancel?.();
    this.cancel = null;
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private plan(clock: Clock): void {
    this.cancel = clock.schedule(clock.now_ns() + secondsToStamp(PERIOD_S), () => {
      this.publish();
      this.plan(clock);
    });
  }

  private publish(): void {
    const { bus, clock } = this.context as NodeContext;
    bus.publish(TOPICS.detections, {
      stamp_ns: clock.now_ns(),
      frame_id: 'world',
      request_id: `state/${this.frame++}`,
      source: 'state',
      degraded_reason: '',
      model: 'simulator state',
      detections: this.scene.objects.map((_, index) => this.detection(index)),
    });
  }

  private detection(id: number): Detection {
    const { class: kind, colour, shape } = this.scene.objects[id];
    this.engine.objectState(id, this.state, 0);
    const [x, y, z, qx, qy, qz, qw] = this.state;
    const sign = qw < 0 ? -1 : 1;
    const outline = outlineOf(shape);
    quaternionToMatrix(this.state, 3, this.R);
    const [dx, dy, dz] = rotate(this.R, outline.centre);
    return {
      id,
      class: kind,
      colour,
      score: 1,
      pose: { position: [x + dx, y + dy, z + dz], orientation: [sign * qx, sign * qy, sign * qz, sign * qw] },
      shape: outline.shape,
      covariance: Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1e-8 : 0)),
      image_box: [0, 0, 0, 0],
      pixels: 0,
    };
  }
}

/** The shape and its centre in the object's frame (m); of a mesh its bounding box. */
function outlineOf(shape: Shape | ConvexMesh): { readonly shape: Shape; readonly centre: Vector3 } {
  if (shape.type !== 'mesh') return { shape, centre: [0, 0, 0] };
  const { lower, upper } = meshBounds(shape);
  const middle = (k: 0 | 1 | 2) => (lower[k] + upper[k]) / 2;
  return {
    shape: { type: 'box', size: [upper[0] - lower[0], upper[1] - lower[1], upper[2] - lower[2]] },
    centre: [middle(0), middle(1), middle(2)],
  };
}
