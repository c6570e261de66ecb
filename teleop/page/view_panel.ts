import type { SeenObject } from '../protocol/messages.ts';
import type { PictureHeader } from '../protocol/pictures.ts';
import { objectOf, outlineOf } from './core/selection.ts';
import { make, setData, setText } from './dom.ts';
import { request } from './link/session.ts';
import type { PageState } from './page_state.ts';
import type { Part } from './parts.ts';
import { type CameraView, mountCameraView, mountRobotView, type ReplayViews, type RobotView } from './view/index.ts';

const NAMES = ['overview', 'wrist'] as const;
type CameraName = (typeof NAMES)[number];
/** A robot that has just started may not have described itself yet. */
const ASK_AGAIN_MS = 2000;

export interface ViewPanelOptions {
  readonly onSelect: (object: SeenObject | null) => void;
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
  private seen: Pick<PageState, 'welcome' | 'state' | 'scene' | 'preview' | 'selected' | 'correcting'> = nothing();
  /** When to ask for the robot's description next. */
  private askAt_ms = Number.POSITIVE_INFINITY;
  private told = false;

  constructor(options: ViewPanelOptions) {
    this.options = options;
    const host = make('div', { class: 'robot-view' });
    this.robot = mountRobotView(host);
    const [overview, wrist] = NAMES.map((name) => mountCameraView(this.cameraHost, name));
    this.stage.append(host, this.age);
    const views = { overview: [overview], wrist: [wrist] };
    if (this.robot === null) views.overview.push(this.mountInstead(host));
    this.cameras = views;
    this.robot?.onSelect((id) => options.onSelect(this.objects.find((object) => object.id === id) ?? null));
    for (const name of NAMES) {
      for (const view of views[name]) {
        view.onSelect((id) => {
          const box = this.boxesOf(name).find((each) => each.id === id);
          options.onSelect(objectOf(box, this.objects));
        });
      }
    }
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

  draw({ welcome, state, scene, preview, selected, correcting }: Readonly<PageState>, now_ms: number): void {
    const { robot, seen } = this;
    if (welcome !== null && welcome !== seen.welcome) {
      robot?.welcome(welcome);
      this.askAt_ms = now_ms;
    }
    if (now_ms >= this.askAt_ms) void this.askDescription();
    if (state !== null && state !== seen.state) robot?.state(state.message);
    if (scene !== null && scene !== seen.scene) this.drawScene(scene);
    if (preview !== seen.preview) robot?.preview(preview);
    const before = seen.selected?.id ?? null;
    if ((selected?.id ?? null) !== before) robot?.select(selected?.id ?? null);
    this.seen = { welcome, state, scene, preview, selected, correcting };
    const changed = correcting?.camera !== seen.correcting?.camera || correcting?.id !== seen.correcting?.id;
    if (selected !== seen.selected || scene !== seen.scene || changed) this.drawSelected();
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

  private drawSelected(): void {
    for (const name of NAMES) {
      const { correcting, selected } = this.seen;
      const id = correcting?.camera === name ? correcting.id : outlineOf(selected, this.boxesOf(name));
      for (const view of this.cameras[name]) view.select(id);
    }
  }

  private get objects(): readonly SeenObject[] {
    return this.seen.scene?.message.objects ?? [];
  }

  private boxesOf(camera: CameraName) {
    return this.seen.scene?.message.outlines.find((outline) => outline.camera === camera)?.boxes ?? [];
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
    this.askAt_ms = Number.POSITIVE_INFINITY;
    if (this.robot === null) return;
    const response = await request('/api/robot').catch(() => null);
    if (response?.ok === true) {
      this.robot.robot(await response.text(), loadMesh);
      return;
    }
    this.askAt_ms = performance.now() + ASK_AGAIN_MS;
    if (!this.told) {
      this.told = true;
      this.options.onTrouble(`The robot cannot be drawn: ${response?.status ?? 'no answer'} for its description.`);
    }
  }
}

/** A file that the robot's description names; after the first picture. */
async function loadMesh(url: string): Promise<ArrayBuffer> {
  const response = await request(`/api/mesh?file=${encodeURIComponent(url)}`);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

function nothing(): Pick<PageState, 'welcome' | 'state' | 'scene' | 'preview' | 'selected' | 'correcting'> {
  return { welcome: null, state: null, scene: null, preview: null, selected: null, correcting: null };
}
