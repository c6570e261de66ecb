import {
  ACTIONS,
  type Clock,
  type Container,
  type ConvexMesh,
  type Detection,
  type Detections,
  type InspectSurfaceGoal,
  type InspectSurfaceResult,
  meshBounds,
  type Node,
  type NodeContext,
  type Shape,
  secondsToStamp,
  TOPICS,
  type Vector3,
} from '../../contracts/index.ts';
import { quaternionToMatrix, rotate } from '../../dynamics/index.ts';
import { type PhysicsEngine, type SceneModel, surfaceTruth } from '../../sim/index.ts';

const PERIOD_S = 0.1;

/**
 * Publishes the simulator's own object poses as detections, and answers for perception of what is in a container or on a
 * surface: what the expert policy is told instead of pictures.
 */
export class StateDetectionsNode implements Node {
  readonly name = 'state_detections';
  private readonly scene: SceneModel;
  private readonly engine: PhysicsEngine;
  private readonly state = new Float64Array(13);
  private context: NodeContext | null = null;
  private cancel: (() => void) | null = null;
  private unserve: readonly (() => void)[] = [];
  private frame = 0;

  constructor(scene: SceneModel, engine: PhysicsEngine) {
    this.scene = scene;
    this.engine = engine;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    if (this.context === null) return;
    const { bus, clock } = this.context;
    this.plan(clock);
    this.unserve = [
      bus.serveAction(ACTIONS.detect_inside, ({ container }, handle) =>
        handle.succeed({
          ok: true,
          reason: '',
          detections: this.message((detection) => isInside(detection, container)),
        }),
      ),
      bus.serveAction(ACTIONS.inspect_surface, (held, handle) => handle.succeed(this.inspect(held))),
    ];
  }

  deactivate(): void {
    this.cancel?.();
    this.cancel = null;
    for (const unserve of this.unserve) unserve();
    this.unserve = [];
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
    const { bus } = this.context as NodeContext;
    bus.publish(
      TOPICS.detections,
      this.message(() => true),
    );
  }

  private message(wanted: (detection: Detection) => boolean): Detections {
    const { clock } = this.context as NodeContext;
    return {
      stamp_ns: clock.now_ns(),
      frame_id: 'world',
      request_id: `state/${this.frame++}`,
      source: 'state',
      degraded_reason: '',
      model: 'simulator state',
      detections: this.scene.objects.map((_, id) => stateDetection(this.scene, this.engine, id)).filter(wanted),
    };
  }

  /** The truth about the object nearest to where one is held. */
  private inspect({ pose: { position } }: InspectSurfaceGoal): InspectSurfaceResult {
    const gaps = this.scene.objects.map((_, id) => {
      this.engine.objectState(id, this.state, 0);
      return Math.hypot(this.state[0] - position[0], this.state[1] - position[1], this.state[2] - position[2]);
    });
    const nearest = gaps.indexOf(Math.min(...gaps));
    const truth = surfaceTruth(this.scene.objects[nearest]);
    return { ok: true, reason: '', verdict: truth === 'ambiguous' ? 'unsure' : truth, score: 0, area_m2: 0 };
  }
}

/** What the simulator knows of object `id`, as a detection. */
export function stateDetection(scene: SceneModel, engine: PhysicsEngine, id: number): Detection {
  const { class: kind, colour, shape } = scene.objects[id];
  const state = new Float64Array(13);
  engine.objectState(id, state, 0);
  const [x, y, z, qx, qy, qz, qw] = state;
  const sign = qw < 0 ? -1 : 1;
  const outline = outlineOf(shape);
  const R = new Float64Array(9);
  quaternionToMatrix(state, 3, R);
  const [dx, dy, dz] = rotate(R, outline.centre);
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

function isInside({ pose: { position } }: Detection, { centre, inner }: Container): boolean {
  return Math.abs(position[0] - centre[0]) <= inner[0] / 2 && Math.abs(position[1] - centre[1]) <= inner[1] / 2;
}
