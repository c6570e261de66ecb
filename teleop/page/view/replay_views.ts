import { PICTURE_CAMERAS, type PictureCamera } from '../../protocol/pictures.ts';
import type { CameraView } from './camera_view.ts';
import { NewestWins } from './newest_wins.ts';
import type { PastMoment } from './past_moment.ts';
import type { RobotView } from './robot_view.ts';

/** What shows a moment of the past in place of what is live. */
export interface ReplayViews {
  readonly robot: Pick<RobotView, 'replay'> | null;
  readonly cameras: Readonly<Record<PictureCamera, readonly Pick<CameraView, 'replay'>[]>>;
}

export type LoadPicture = (camera: PictureCamera, at_ms: number) => Promise<Blob>;

/** Brings moments to the views, with the pictures of then as they come; of pictures asked for quickly the newest wins. */
export class ReplayScreen {
  private readonly views: ReplayViews;
  private readonly load: LoadPicture;
  private readonly pending: Readonly<Record<PictureCamera, NewestWins<number, Blob>>>;
  private readonly shown: Record<PictureCamera, number | null> = { overview: null, wrist: null };
  private label = '';

  constructor(views: ReplayViews, load: LoadPicture) {
    this.views = views;
    this.load = load;
    this.pending = { overview: this.loading('overview'), wrist: this.loading('wrist') };
  }

  show(moment: PastMoment, label: string): void {
    this.label = label;
    this.views.robot?.replay({ moment, label });
    for (const camera of PICTURE_CAMERAS) {
      const at_ms = moment.pictures[camera];
      const same = at_ms === this.shown[camera];
      this.shown[camera] = at_ms;
      for (const view of this.views.cameras[camera]) view.replay({ label, ...(at_ms === null ? { jpeg: null } : {}) });
      if (!same && at_ms !== null) this.pending[camera].push(at_ms);
    }
  }

  /** Back to what is live. */
  end(): void {
    this.label = '';
    this.views.robot?.replay(null);
    for (const camera of PICTURE_CAMERAS) {
      this.shown[camera] = null;
      for (const view of this.views.cameras[camera]) view.replay(null);
    }
  }

  private loading(camera: PictureCamera): NewestWins<number, Blob> {
    return new NewestWins(
      (at_ms) => this.load(camera, at_ms),
      (jpeg, at_ms) => {
        if (this.shown[camera] !== at_ms) return;
        for (const view of this.views.cameras[camera]) view.replay({ jpeg, label: this.label });
      },
    );
  }
}
