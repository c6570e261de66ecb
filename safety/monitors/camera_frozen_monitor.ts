import type { Detections } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';

/** Pictures in a row that repeat an earlier one, before that is a finding: one alone may be sent twice. */
const PICTURES = 2;

/** The camera repeats a picture: what is seen is not what is there, however sure it looks. */
export class CameraFrozenMonitor implements Monitor {
  private repeated = 0;

  hear({ faults = [] }: Pick<Detections, 'faults'>): void {
    this.repeated = faults.includes('frozen') ? this.repeated + 1 : 0;
  }

  /** Earlier pictures say nothing of those to come. */
  forget(): void {
    this.repeated = 0;
  }

  look(): Finding | null {
    if (this.repeated < PICTURES) return null;
    return { fault: 'camera_frozen', detail: `the camera has sent the same picture again in ${PICTURES} in a row` };
  }
}
