import type { CameraName, ColourImage, DepthImage } from '../../contracts/index.ts';
import type { CameraPicture, PeopleDetector, PictureMask } from './mask.ts';
import { MaskBlocks } from './mask_blocks.ts';
import { type CameraRules, type MaskRules, rulesOf, tellRules } from './mask_rules.ts';

/** Pictures of so many times wait for their other half before the oldest is given up. */
const MOST_WAITING = 4;

/** What is known of one exposure. */
interface Exposure {
  readonly stamp_ns: bigint;
  colour: ColourImage | null;
  depth: DepthImage | null;
  /** Of the depth picture's size; null until it came, or where no range is masked. */
  ranges: MaskBlocks | null;
  /** Of the colour picture's size; null until the detector has answered, or where nobody is looked for. */
  people: MaskBlocks | null;
  /** Why nothing of this exposure may be stored; empty while it may. */
  spoilt: string;
  readonly waiting: Set<'colour' | 'depth'>;
}

/** Masks by rules. A colour picture waits for depth where a range is masked, a depth picture for colour where people are. */
export class PictureMasker implements PictureMask {
  readonly rules: MaskRules;
  readonly told: readonly string[];
  readonly withheld = new Map<string, number>();
  private readonly detector: PeopleDetector | null;
  private readonly exposures = new Map<CameraName, Exposure[]>();

  /** @param detector  asked where the rules mask people */
  constructor(rules: MaskRules, detector: PeopleDetector | null) {
    this.rules = rules;
    this.detector = detector;
    this.told = tellRules(rules, detector?.told ?? 'no detector');
  }

  take(picture: CameraPicture): readonly CameraPicture[] | Promise<readonly CameraPicture[]> {
    const { camera, image } = picture;
    const exposure = this.exposure(camera, image.stamp_ns);
    exposure.waiting.add(picture.kind);
    if (picture.kind === 'colour') exposure.colour = picture.image;
    else exposure.depth = picture.image;
    const rules = rulesOf(this.rules, camera);
    if (picture.kind === 'depth' && rules.depth !== undefined) this.findRanges(exposure, picture.image, rules.depth);
    if (picture.kind === 'depth' || this.rules.people === null) return this.ready(camera, exposure);
    return this.findPeople(exposure, picture.image).then(() => this.ready(camera, exposure));
  }

  close(): void {
    for (const exposures of this.exposures.values())
      for (const one of exposures) this.giveUp(one, 'the recording ended before its other half came');
    this.exposures.clear();
  }

  private exposure(camera: CameraName, stamp_ns: bigint): Exposure {
    const all = this.exposures.get(camera) ?? [];
    const known = all.find((one) => one.stamp_ns === stamp_ns);
    if (known !== undefined) return known;
    const none = { colour: null, depth: null, ranges: null, people: null, spoilt: '' };
    const fresh: Exposure = { stamp_ns, ...none, waiting: new Set() };
    const [oldest] = all.length < MOST_WAITING ? [] : all;
    if (oldest !== undefined) this.giveUp(oldest, 'its other half, depth or colour of the same time, did not come');
    this.exposures.set(camera, [...all.filter((one) => one !== oldest), fresh]);
    return fresh;
  }

  private findRanges(exposure: Exposure, depth: DepthImage, range: NonNullable<CameraRules['depth']>): void {
    const blocks = new MaskBlocks(depth.width, depth.height);
    if (depth.data.length < depth.width * depth.height) exposure.spoilt = 'the depth picture is not whole';
    blocks.coverDepth(depth, range);
    exposure.ranges = blocks;
  }

  private async findPeople(exposure: Exposure, image: ColourImage): Promise<void> {
    const blocks = new MaskBlocks(image.width, image.height);
    try {
      if (this.detector === null) throw new Error('there is none');
      const areas = await this.detector.detect(image);
      const numbers = areas.flatMap(({ x, y, width, height }) => [x, y, width, height]);
      if (!numbers.every(Number.isFinite)) throw new Error('it gave a number that is none');
      blocks.coverPeople(areas, this.rules.people?.margin_px ?? 0);
      exposure.people = blocks;
    } catch (error) {
      exposure.spoilt = `the detector of people failed: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** The pictures of an exposure that have all they wait for. */
  private ready(camera: CameraName, exposure: Exposure): CameraPicture[] {
    const { colour, depth, ranges, people, waiting } = exposure;
    const rules = rulesOf(this.rules, camera);
    if (colour !== null && depth !== null && colour.frame_id !== depth.frame_id && this.isPaired(rules))
      exposure.spoilt = `depth of frame ${depth.frame_id} says nothing of pictures of frame ${colour.frame_id}`;
    if (exposure.spoilt !== '') {
      this.giveUp(exposure, exposure.spoilt);
      return [];
    }
    if ((rules.depth !== undefined && ranges === null) || (this.rules.people !== null && people === null)) return [];
    const masked: CameraPicture[] = [];
    if (colour !== null && waiting.delete('colour'))
      masked.push({ camera, kind: 'colour', image: this.blocks(rules, exposure, colour).colour(colour) });
    if (depth !== null && waiting.delete('depth'))
      masked.push({ camera, kind: 'depth', image: this.blocks(rules, exposure, depth).depth(depth) });
    return masked;
  }

  private isPaired(rules: CameraRules): boolean {
    return rules.depth !== undefined || this.rules.people !== null;
  }

  private blocks({ regions }: CameraRules, { ranges, people }: Exposure, of: ColourImage | DepthImage): MaskBlocks {
    const blocks = new MaskBlocks(of.width, of.height);
    for (const region of regions) blocks.coverRegion(region);
    if (ranges !== null) blocks.coverSame(ranges);
    if (people !== null) blocks.coverSame(people);
    return blocks;
  }

  private giveUp({ waiting }: Exposure, why: string): void {
    if (waiting.size > 0) this.withheld.set(why, (this.withheld.get(why) ?? 0) + waiting.size);
    waiting.clear();
  }
}
