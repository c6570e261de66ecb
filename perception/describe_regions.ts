import { type DescribeOptions, type ObjectEstimate, RegionDescriber } from './geometry/index.ts';
import { partRegion } from './part_region.ts';
import { type PixelView, type Region, regionOf } from './regions.ts';

/** A region of one object with what was fitted to it. */
export interface DescribedRegion {
  readonly region: Region;
  readonly estimate: ObjectEstimate;
}

/** Outlines farther from the better shape than this (pixels) may be of several objects. */
const POOR_PX = 0.55;
/** And so may be what leaves residuals of this many deviations (root mean square). */
const POOR_RESIDUAL = 1.9;
/** No object for one hand is longer (m); a region that is counts as if its outline were off by as much more (pixels). */
const LONG_M = 0.078;
const TOO_LONG_PX = 1;
const MOST_PARTINGS = 4;
/** Parts have to fit better than the whole by this factor. */
const BETTER = 0.85;

/** Describes regions one by one; where no shape explains one, what it falls into. */
export class RegionsDescriber {
  private readonly describer = new RegionDescriber();

  /** @param regions  as `findRegions` or a network's instances give them */
  describe(view: PixelView, regions: readonly Region[], options: DescribeOptions = {}): DescribedRegion[] {
    return regions.flatMap((region) => this.part(view, region, options, MOST_PARTINGS));
  }

  private part(view: PixelView, region: Region, options: DescribeOptions, left: number): DescribedRegion[] {
    const estimate = this.describer.describe(view, region, options);
    const whole = estimate === null ? [] : [{ region, estimate }];
    if (estimate === null || misfit(estimate) <= POOR_PX || left === 0) return whole;
    const parts = partRegion(view, region.pixels);
    if (parts.length < 2) return whole;
    const described = parts.flatMap((pixels) => this.part(view, regionOf(view, pixels), options, left - 1));
    if (described.length < 2) return whole;
    const worst = Math.max(...described.map((part) => misfit(part.estimate)));
    return worst < BETTER * misfit(estimate) ? described : whole;
  }
}

/**
 * Distance of the outline from the shape that explains it better, pixels; as much as depths contradict it, where that is
 * more; and more for what is longer than anything a hand holds.
 */
function misfit({ box, cylinder, residual }: ObjectEstimate): number {
  const length = box.cost < cylinder.cost ? Math.max(box.a, box.b) : 2 * cylinder.radius;
  const off = Math.max(Math.min(box.rms, cylinder.rms), POOR_PX * (residual / POOR_RESIDUAL));
  return off + (length > LONG_M ? TOO_LONG_PX : 0);
}
