import {
  type Action,
  type Bus,
  CAMERAS,
  type CameraName,
  escalation,
  type GoalCallbacks,
  type GoalHandle,
  InProcessBus,
  type SentGoal,
  type Service,
  type Subscription,
  type SubscriptionStats,
  TOPICS,
  type Topic,
} from '../../contracts/index.ts';
import type { CameraPicture, PictureMask } from './mask.ts';

const NAMES = Object.keys(CAMERAS).filter((name): name is CameraName => name in CAMERAS);
const PICTURES = NAMES.flatMap((name) => [CAMERAS[name].colour.name, CAMERAS[name].depth.name]);

/** A question to a person as it may be stored: the picture in it is not masked. */
function withoutPicture<T>(topic: Topic<T>, question: T): T {
  return topic.schema.parse({ ...escalation.parse(question), image_format: '', image: new Uint8Array(0) });
}

/**
 * A bus whose pictures are masked before any subscriber sees them, and whose questions to people come without theirs; all
 * else is as on the bus below.
 */
export class MaskedBus implements Bus {
  private readonly below: Bus;
  private readonly mask: PictureMask;
  private readonly subscriber: string;
  private readonly relay = new InProcessBus();
  private sources: Subscription[] = [];

  /** @param subscriber  name under which pictures are taken from the bus below */
  constructor(below: Bus, mask: PictureMask, subscriber: string) {
    this.below = below;
    this.mask = mask;
    this.subscriber = subscriber;
  }

  /** Takes no more pictures; those that still wait are withheld. */
  close(): void {
    for (const source of this.sources) source.unsubscribe();
    this.sources = [];
    this.mask.close();
  }

  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription {
    if (topic.name === TOPICS.escalations.name)
      return this.below.subscribe(topic, subscriber, (question) => handler(withoutPicture(topic, question)));
    if (!PICTURES.includes(topic.name)) return this.below.subscribe(topic, subscriber, handler);
    if (this.sources.length === 0) this.sources = NAMES.flatMap((name) => this.listen(name));
    return this.relay.subscribe(topic, subscriber, handler);
  }

  publish<T>(topic: Topic<T>, message: T): void {
    this.below.publish(topic, message);
  }

  subscribers(topic: { readonly name: string }): number {
    return this.below.subscribers(topic);
  }

  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean {
    return this.below.isReadBy(topic, nodes);
  }

  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void {
    return this.below.serve(service, handler);
  }

  call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res> {
    return this.below.call(service, request);
  }

  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void {
    return this.below.serveAction(action, handler);
  }

  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    return this.below.sendGoal(action, goal, callbacks);
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.below.stats(), ...this.relay.stats()];
  }

  private listen(camera: CameraName): Subscription[] {
    const { colour, depth } = CAMERAS[camera];
    return [
      this.below.subscribe(colour, this.subscriber, (image) => this.pass({ camera, kind: 'colour', image })),
      this.below.subscribe(depth, this.subscriber, (image) => this.pass({ camera, kind: 'depth', image })),
    ];
  }

  private pass(picture: CameraPicture): void | Promise<void> {
    const masked = this.mask.take(picture);
    return masked instanceof Promise ? masked.then((all) => this.hand(all)) : this.hand(masked);
  }

  /** Waits for whoever stores them, as the publisher would. */
  private hand(pictures: readonly CameraPicture[]): void | Promise<void> {
    for (const { camera, kind, image } of pictures) {
      if (kind === 'colour') this.relay.publish(CAMERAS[camera].colour, image);
      else this.relay.publish(CAMERAS[camera].depth, image);
    }
    return this.relay.active ? this.relay.settled() : undefined;
  }
}
