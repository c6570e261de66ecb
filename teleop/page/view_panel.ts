import type { PictureHeader } from '../protocol/pictures.ts';
import { make, setData, setText } from './dom.ts';
import { request } from './link/session.ts';
import type { PageState } from './page_state.ts';
import type { Part } from './parts.ts';
import { type CameraView, mountCameraView, mountRobotView, type ReplayViews, type RobotView } from './view/index.ts';

const NAMES = ['overview', 'wrist'] as const;
type CameraName = (typeof NAMES)[number];

export interface ViewPanelOptions {
  readonly onSelect: (id: number | null) => void;
  readonly onTrouble: (text: string) => void;
}

/** The robot in three dimensions and its cameras; without WebGL the overview camera stands where the robot would. */
export class ViewPanel implements Part {
  readonly element = make('section', { id: 'view', 'aria-label': 'View' });
  readonly every_ms = 0;
  private readonly stage = make('div', { id: 'stage' });
  private readonly cameraHost = make('div', { id: 'cameras' });
  private readonly age = make('p', { class: 'age', id: 'view-age' });
  private readonly options: ViewPanelOptions;
  private readonly robot: RobotView | null;
  private readonly cameras: Readonly<Record<CameraName, readonly CameraView[]>>;
  private seen: Pick<PageState, 'welcome' | 'state' | 'scene' | 'preview' | 'selected'> = nothing();
  private urdfAsked = false;

  constructor(options: ViewPanelOptions) {
    this.options = options;
    const host = make('div', { class: 'robot-view' });
    this.robot = mountRobotView(host);
    const [overview, wrist] = NAMES.map((name) => mountCameraView(this.cameraHost, name));
    this.stage.append(host, this.age);
    const views = { overview: [overview], wrist: [wrist] };
    if (this.robot === null) views.overview.push(this.mountInstead(host));
    this.cameras = views;
    this.robot?.onSelect(options.onSelect);
    for (const view of Object.values(views).flat()) view.onSelect(options.onSelect);
    this.element.append(this.stage, this.cameraHost);
  }

  picture(header: PictureHeader, jpeg: Uint8Array<ArrayBuffer>): void {
    for (const view of this.cameras[header.camera]) view.picture(header, jpeg);
  }

  /** What a moment of the past is shown in. */
  get replayViews(): ReplayViews {
    return { robot: this.robot, cameras: this.cameras };
  }

  /** Of the oldest picture that is shown, ms; null before the first. */
  pictureAge_ms(now_ms: number): number | null {
    const ages = NAMES.map((name) => this.cameras[name][0].age_ms(now_ms)).filter(Number.isFinite);
    return ages.length === 0 ? null : Math.max(...ages);
  }

  draw({ welcome, state, scene, preview, selected }: Readonly<PageState>): void {
    const { robot, seen } = this;
    if (welcome !== null && welcome !== seen.welcome) {
      robot?.welcome(welcome);
      void this.askDescription();
    }
    if (state !== null && state !== seen.state) robot?.state(state.message);
    if (scene !== null && scene !== seen.scene) this.drawScene(scene);
    if (preview !== seen.preview) robot?.preview(preview);
    if (selected !== seen.selected) {
      robot?.select(selected?.id ?? null);
      for (const view of Object.values(this.cameras).flat()) view.select(selected?.id ?? null);
    }
    this.seen = { welcome, state, scene, preview, selected };
  }

  /** The state that is drawn is too old to be acted on; `text` says how old, empty while it is fresh. */
  grey(text: string): void {
    setData(this.stage, 'old', String(text !== ''));
    setText(this.age, text);
  }

  private drawScene({ message }: NonNullable<PageState['scene']>): void {
    this.robot?.scene(message);
    for (const name of NAMES) {
      const outline = message.outlines.find(({ camera }) => camera === name) ?? null;
      for (const view of this.cameras[name]) view.outlines(outline);
    }
  }

  private mountInstead(host: HTMLElement): CameraView {
    const view = mountCameraView(host, 'overview');
    host.querySelector('canvas[role="img"]')?.setAttribute('aria-label', 'Robot view');
    this.stage.append(
      make('p', { class: 'quiet' }, 'This browser has no WebGL: the overview camera is shown instead.'),
    );
    return view;
  }

  private async askDescription(): Promise<void> {
    if (this.robot === null || this.urdfAsked) return;
    this.urdfAsked = true;
    const response = await request('/api/robot').catch(() => null);
    if (response?.ok === true) this.robot.robot(await response.text());
    else {
      this.urdfAsked = false;
      this.options.onTrouble(`The robot cannot be drawn: ${response?.status ?? 'no answer'} for its description.`);
    }
  }
}

function nothing(): Pick<PageState, 'welcome' | 'state' | 'scene' | 'preview' | 'selected'> {
  return { welcome: null, state: null, scene: null, preview: null, selected: null };
}
