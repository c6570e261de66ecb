import { type CameraName, type ObjectClass, wilson95 } from '../../contracts/index.ts';
import {
  FrameViewer,
  type Grid,
  type GroupPlanes,
  INPUT_CHANNELS,
  INPUT_SIZE,
  type Instance,
  Segmenter,
  VISION_CLASSES,
} from '../../perception/index.ts';
import { ASKED_VISIBLE, SAME_MASK_IOU, visibleShare } from './accuracy.ts';
import type { HeldOutPicture, HeldOutTask } from './held_out.ts';

/** Objects that show fewer pixels than this, whole, are not asked for. */
const LEAST_WHOLE_PX = 40;

/** A share of so many with its Wilson interval at 95 %. */
export interface Count {
  readonly of: number;
  readonly share: number;
  readonly wilson95: readonly [number, number];
}

/** How good masks are in one group of pictures or objects. */
export interface MaskRow {
  readonly group: string;
  /** Objects in view that have a mask of SAME_MASK_IOU. */
  readonly recall: Count;
  /** Masks that show an object. */
  readonly precision: Count;
  /** Objects found whose most probable class is theirs. */
  readonly class_accuracy: Count;
  /** Mean intersection over union of the masks of the objects found. */
  readonly mean_iou: number;
}

interface Seen {
  readonly task: HeldOutTask;
  readonly camera: CameraName;
  readonly class: ObjectClass;
  readonly found: boolean;
  readonly class_right: boolean;
  readonly iou: number;
}

interface Shown {
  readonly task: HeldOutTask;
  readonly camera: CameraName;
  readonly class: ObjectClass;
  readonly shows: boolean;
}

/** Puts one picture of so many cells through a network; see `HeadPlanes`. */
export type PlanesOf = (input: Float32Array, grid: Grid) => Promise<GroupPlanes>;

/** Counts what a network's masks show, picture by picture. */
export class MaskEvaluation {
  readonly seen: Seen[] = [];
  readonly shown: Shown[] = [];
  private readonly viewer = new FrameViewer();
  private readonly input = new Float32Array(INPUT_SIZE);
  private readonly planesOf: PlanesOf;
  private readonly segmenters = new Map<string, Segmenter>();

  constructor(planesOf: PlanesOf) {
    this.planesOf = planesOf;
  }

  async add(picture: HeldOutPicture): Promise<readonly Instance[]> {
    const view = this.viewer.view(picture.frame);
    const grid = this.viewer.writeInput(picture.frame, this.input);
    const planes = await this.planesOf(this.input.subarray(0, INPUT_CHANNELS * grid.width * grid.height), grid);
    const segmenter = this.segmenters.get(picture.camera) ?? new Segmenter(planes.width, planes.height);
    this.segmenters.set(picture.camera, segmenter);
    const instances = segmenter.segment(view, planes);
    this.judge(picture, instances, (object) => segmenter.probabilitiesOf(object, planes));
    return instances;
  }

  /** All, then by camera, task, both, and class. */
  rows(): MaskRow[] {
    const { seen, shown } = this;
    const groups = new Map<string, (one: Seen | Shown) => boolean>([['all', () => true]]);
    for (const { camera, task, class: kind } of seen) {
      groups.set(camera, (one) => one.camera === camera);
      groups.set(task, (one) => one.task === task);
      groups.set(`${task} ${camera}`, (one) => one.task === task && one.camera === camera);
      groups.set(kind, (one) => one.class === kind);
    }
    return [...groups].map(([group, holds]) => rowOf(group, seen.filter(holds), shown.filter(holds)));
  }

  private judge(
    { camera, task, objects, instances: truth }: HeldOutPicture,
    masks: readonly Instance[],
    probabilitiesOf: (object: number) => readonly number[],
  ): void {
    const best = objects.map(() => ({ iou: 0, class: '' }));
    for (const { pixels, object: number } of masks) {
      const common = new Int32Array(objects.length);
      for (const i of pixels) if (truth[i] >= 0) common[truth[i]]++;
      const ious = objects.map((object, k) => common[k] / (pixels.length + object.pixels - common[k]));
      const k = ious.indexOf(Math.max(...ious));
      const kind = classOf(probabilitiesOf(number));
      const shows = k >= 0 && ious[k] >= SAME_MASK_IOU;
      this.shown.push({ task, camera, class: kind, shows });
      if (shows && ious[k] > best[k].iou) best[k] = { iou: ious[k], class: kind };
    }
    for (const [k, object] of objects.entries()) {
      if (object.whole_pixels < LEAST_WHOLE_PX || visibleShare(object) < ASKED_VISIBLE) continue;
      const { iou, class: kind } = best[k];
      this.seen.push({
        ...{ task, camera, class: object.class },
        ...{ found: iou > 0, class_right: kind === object.class, iou },
      });
    }
  }
}

function classOf(probabilities: readonly number[]): ObjectClass {
  const [box, cylinder] = [VISION_CLASSES.indexOf('box'), VISION_CLASSES.indexOf('cylinder')];
  return probabilities[cylinder] > probabilities[box] ? 'cylinder' : 'box';
}

function rowOf(group: string, seen: readonly Seen[], shown: readonly Shown[]): MaskRow {
  const found = seen.filter((one) => one.found);
  return {
    group,
    recall: countOf(found.length, seen.length),
    precision: countOf(shown.filter((one) => one.shows).length, shown.length),
    class_accuracy: countOf(found.filter((one) => one.class_right).length, found.length),
    mean_iou: found.reduce((sum, { iou }) => sum + iou, 0) / Math.max(1, found.length),
  };
}

function countOf(count: number, of: number): Count {
  return { of, share: of === 0 ? Number.NaN : count / of, wilson95: wilson95(count, of) };
}
