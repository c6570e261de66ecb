import {
  type Colour,
  type Detections,
  type NamedObject,
  type ObjectClass,
  objectName,
  type Vector3,
} from '../contracts/index.ts';
import type { TableObject } from './table_objects.ts';

/** An object of this colour whose centre is this near to where one stood that was settled is that one (m). */
const SAME_PLACE_M = 0.025;

/** What has been found out about an object the detector was not sure of. */
interface Settled {
  readonly position: Vector3;
  readonly colour: Colour;
  /** What it is; null where it is to be left alone. */
  readonly is: NamedObject | null;
  /** Who or what says so, or why it is left alone. */
  readonly by: string;
}

/** Whether a task may act on what it sees. */
export function isSure({ confidence }: TableObject): boolean {
  return confidence === undefined || confidence.verdict === 'accept';
}

/** Whether an object may be of a class: it is taken for one, or cannot be ruled out to be one. */
export function mayBe(object: TableObject, name: ObjectClass): boolean {
  return object.class === name || (!isSure(object) && object.confidence?.possible.includes(name) === true);
}

/** What a task has found out about doubtful objects, from other views or from people, by their places. */
export class SettledDoubts {
  private settled: readonly Settled[] = [];

  /** Remembers what an object is. @param is  null: it is to be left alone */
  settle(object: TableObject, is: NamedObject | null, by: string): void {
    const { position, colour } = object;
    this.settled = [...this.settled.filter((one) => !isAt(one, object)), { position, colour, is, by }];
  }

  /** An object that somebody named has been put down: it is still what it was. */
  follow(object: TableObject): void {
    if (object.named_by !== undefined) this.settle(object, object, object.named_by);
  }

  /** Objects as they are known by now: those that somebody named are sure, and of that class. */
  apply(seen: readonly TableObject[]): TableObject[] {
    if (this.settled.length === 0) return [...seen];
    return seen.map((object) => {
      const found = this.find(object);
      if (found === undefined || found.is === null) return object;
      const { confidence: _confidence, ...known } = object;
      return { ...known, class: found.is.class, named_by: found.by };
    });
  }

  /** Why a doubtful object is left alone; empty when it is not. */
  leftAlone(object: TableObject): string {
    const found = isSure(object) ? undefined : this.find(object);
    return found?.is === null ? found.by : '';
  }

  private find(object: TableObject): Settled | undefined {
    return this.settled.find((one) => isAt(one, object));
  }
}

function isAt({ position, colour }: Settled, object: TableObject): boolean {
  const gap = Math.hypot(position[0] - object.position[0], position[1] - object.position[1]);
  return colour === object.colour && gap < SAME_PLACE_M;
}

/** The newest of some frames in which an object is, with nothing else in it: what a question about it is about. */
export function doubtAbout(frames: readonly Detections[], object: TableObject): Detections | null {
  for (const frame of [...frames].reverse()) {
    const detection = frame.detections.find(({ colour, confidence, pose: { position } }) => {
      const gap = Math.hypot(position[0] - object.position[0], position[1] - object.position[1]);
      return colour === object.colour && confidence !== undefined && gap < SAME_PLACE_M;
    });
    if (detection !== undefined) return { ...frame, detections: [detection] };
  }
  return null;
}

/** An object and its place for people. */
export function describeObject(object: TableObject): string {
  const [x, y] = object.position;
  return `${objectName(object)} at (${x.toFixed(3)}, ${y.toFixed(3)}) m`;
}
