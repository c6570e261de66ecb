import { Color, ColorManagement, LinearSRGBColorSpace, Raycaster, Scene, Vector2 } from 'three';
import type { Preview, SceneMessage, StateFrame, Welcome } from '../../protocol/messages.ts';
import { ArmModel } from './arm_model.ts';
import { CommandedArm } from './commanded_arm.ts';
import { FrameBudget } from './frame_budget.ts';
import { FrameLoop } from './frame_loop.ts';
import { GhostArm } from './ghost_arm.ts';
import { ObjectLabels } from './object_labels.ts';
import { PoseTrack } from './pose_track.ts';
import type { LoadMesh, Replayed, RobotMoment, RobotView } from './robot_view.ts';
import { buildAxes, buildGround, placeAt } from './scene_items.ts';
import { SceneLayer } from './scene_layer.ts';
import { cardScreen, type RenderScreen, softwareScreen } from './screens.ts';
import { SeparationLine } from './separation_line.ts';
import { ViewCamera } from './view_camera.ts';
import { buildViewTools } from './view_tools.ts';

/** Presses that move less than this are no drags, pixels. */
const PRESS_PX = 6;
const MOST_RATIO = 1.5;
const FASTEST_MS = 1000 / 30;
/** Drawn by software the picture holds up the page itself: coarser, and ten a second. */
const MOST_RATIO_SOFTWARE = 0.75;
const FASTEST_SOFTWARE_MS = 100;
/** All colours are as on the screen, from the first to the last step. */
ColorManagement.enabled = false;

const NOTHING = { objects: [], path: [], bodies: [] };

/** The robot view's three.js scene and its drawing. */
export class RobotStage implements RobotView {
  private readonly root = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly banner = document.createElement('p');
  private readonly note = document.createElement('p');
  private readonly screen: RenderScreen;
  private readonly world = new Scene();
  private readonly eye: ViewCamera;
  private readonly budget: FrameBudget;
  private readonly loop: FrameLoop;
  private readonly layer: SceneLayer;
  private readonly labels: ObjectLabels;
  private readonly separation: SeparationLine;
  private readonly ghost: GhostArm;
  private readonly commanded: CommandedArm;
  private readonly axes = buildAxes(0.08);
  private readonly lifetime = new AbortController();
  private readonly observers: readonly { disconnect(): void }[];
  private arm: ArmModel | null = null;
  private names: readonly string[] = [];
  private track = new PoseTrack(1);
  private sample = new Float64Array(1);
  private live: StateFrame | null = null;
  private seen: SceneMessage | null = null;
  private replayed: RobotMoment | null = null;
  private selected: (id: number | null) => void = () => {};
  private width = 0;
  private height = 0;

  constructor(host: HTMLElement, software: boolean) {
    this.root.className = 'robot-stage';
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', 'Robot view');
    this.banner.className = 'replay-banner';
    this.banner.hidden = true;
    this.note.className = 'view-note';
    const labels = document.createElement('div');
    labels.className = 'object-labels';
    this.screen = software ? softwareScreen(this.canvas) : cardScreen(this.canvas);
    this.screen.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.budget = software
      ? new FrameBudget(MOST_RATIO_SOFTWARE, FASTEST_SOFTWARE_MS)
      : new FrameBudget(Math.min(MOST_RATIO, devicePixelRatio), FASTEST_MS);
    const changed = () => this.loop.changed();
    this.eye = new ViewCamera(this.canvas, changed);
    this.loop = new FrameLoop({
      budget: this.budget,
      draw: (now_ms) => this.draw(now_ms),
      present: () => this.screen.present(),
      ratioChanged: () => this.resize(),
    });
    this.labels = new ObjectLabels(labels, (id) => this.choose(id));
    this.layer = new SceneLayer(this.world);
    this.separation = new SeparationLine(this.world, labels);
    this.ghost = new GhostArm(this.world);
    this.commanded = new CommandedArm(this.world);
    this.world.add(buildGround(), this.axes);
    this.axes.visible = false;
    this.root.append(this.canvas, labels, this.banner, this.note, this.tools(changed));
    host.append(this.root);
    this.observers = [this.watchSize(), this.watchSight()];
    this.listen(changed);
    this.paintSky();
  }

  welcome({ joints, zones }: Welcome): void {
    this.names = joints.names;
    this.track = new PoseTrack(joints.names.length + 1);
    this.sample = new Float64Array(joints.names.length + 1);
    this.layer.zones(zones);
    this.showNewest();
    this.loop.changed();
  }

  robot(urdf: string, loadMesh: LoadMesh | null = null): void {
    this.arm?.root.removeFromParent();
    this.arm?.dispose();
    this.arm = null;
    try {
      this.arm = ArmModel.fromUrdf(urdf, loadMesh, () => {
        this.ghost.of(this.arm);
        this.commanded.of(this.arm);
        this.loop.changed();
      });
      this.world.add(this.arm.root);
      this.note.textContent = '';
    } catch (error) {
      this.note.textContent = `The robot cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.ghost.of(this.arm);
    this.commanded.of(this.arm);
    this.loop.changed();
  }

  state(frame: StateFrame): void {
    this.live = frame;
    if (this.replayed === null) this.showLive(frame);
  }

  scene(scene: SceneMessage): void {
    this.seen = scene;
    if (this.replayed === null) this.showScene(scene);
  }

  preview(preview: Preview | null): void {
    this.ghost.preview(preview, performance.now());
    this.loop.changed();
  }

  select(id: number | null): void {
    this.layer.select(id);
    this.labels.select(id);
    this.loop.changed();
  }

  onSelect(handler: (id: number | null) => void): void {
    this.selected = handler;
  }

  replay(replayed: Replayed | null): void {
    const before = this.replayed;
    this.replayed = replayed?.moment ?? null;
    this.root.classList.toggle('replaying', replayed !== null);
    this.banner.hidden = replayed === null;
    this.banner.textContent = replayed?.label ?? '';
    if (before?.objects !== this.replayed?.objects || (before === null) !== (this.replayed === null)) {
      this.showScene(this.replayed === null ? (this.seen ?? NOTHING) : { ...NOTHING, objects: this.replayed.objects });
    }
    this.showNewest();
  }

  dispose(): void {
    this.lifetime.abort();
    this.loop.end();
    for (const observer of this.observers) observer.disconnect();
    this.eye.dispose();
    this.arm?.dispose();
    this.layer.dispose();
    this.screen.dispose();
    this.root.remove();
  }

  private showNewest(): void {
    if (this.replayed !== null) {
      const { joint_names, q, commanded, gripper_width_m, tool, separation_m, protective_distance_m } = this.replayed;
      for (let i = 0; i < this.names.length; i++) this.sample[i] = q[joint_names.indexOf(this.names[i])] ?? NaN;
      if (this.commanded.at(joint_names, commanded)) this.loop.changed();
      this.pose(gripper_width_m, tool, separation_m, protective_distance_m);
    } else if (this.live !== null) this.showLive(this.live);
  }

  private showLive({ q, commanded, gripper_width_m, tool, safety }: StateFrame): void {
    if (this.commanded.at(this.names, commanded)) this.loop.changed();
    for (let i = 0; i < this.names.length; i++) this.sample[i] = i < q.length ? q[i] : NaN;
    this.pose(gripper_width_m, tool, safety?.separation_m ?? null, safety?.protective_distance_m ?? null);
  }

  private showScene({ objects, path, bodies }: Pick<SceneMessage, 'objects' | 'path' | 'bodies'>): void {
    this.layer.scene(objects, path, bodies);
    this.labels.show(objects);
    this.separation.bodies(bodies);
    this.loop.changed();
  }

  /** Of the joints `sample` has the positions. */
  private pose(
    width_m: number | null,
    tool: RobotMoment['tool'],
    separation_m: number | null,
    least_m: number | null,
  ): void {
    this.sample[this.names.length] = width_m ?? NaN;
    let changed = this.track.push(this.sample, performance.now());
    if (tool !== null) placeAt(this.axes, tool.pose);
    if (this.axes.visible !== (tool !== null)) changed = true;
    this.axes.visible = tool !== null;
    if (this.separation.measured(separation_m, least_m)) changed = true;
    if (changed) this.loop.changed();
  }

  private draw(now_ms: number): boolean {
    const moving = this.track.update(now_ms);
    const joints = this.names.length;
    this.arm?.pose(this.names, this.track.value, this.track.value[joints]);
    const playing = this.ghost.play(now_ms);
    if (this.axes.visible) this.eye.handAt(this.axes.position.x, this.axes.position.y, this.axes.position.z);
    this.separation.update(this.arm, this.eye.camera, this.width, this.height);
    this.labels.place(this.eye.camera, this.width, this.height);
    this.screen.renderer.render(this.world, this.eye.camera);
    return moving || playing;
  }

  private listen(changed: () => void): void {
    const { signal } = this.lifetime;
    let pressed: { readonly x: number; readonly y: number } | null = null;
    this.canvas.addEventListener('pointerdown', ({ offsetX: x, offsetY: y }) => {
      pressed = { x, y };
    });
    this.canvas.addEventListener('pointercancel', () => {
      pressed = null;
    });
    this.canvas.addEventListener('pointerup', ({ offsetX: x, offsetY: y }) => {
      if (pressed !== null && Math.hypot(x - pressed.x, y - pressed.y) < PRESS_PX) this.choose(this.hit(x, y));
      pressed = null;
    });
    this.canvas.addEventListener('webglcontextrestored', changed, { signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.paintSky(), { signal });
    document.addEventListener('visibilitychange', changed, { signal });
  }

  /** Objects of the past cannot be chosen: they may be gone. */
  private choose(id: number | null): void {
    if (this.replayed === null) this.selected(id);
  }

  private hit(x: number, y: number): number | null {
    const ray = new Raycaster();
    const at = new Vector2((x / this.width) * 2 - 1, 1 - (y / this.height) * 2);
    ray.setFromCamera(at, this.eye.camera);
    return this.layer.hit(ray);
  }

  private tools(changed: () => void): HTMLElement {
    return buildViewTools(this.eye, changed, (wanted) => this.commanded.want(wanted));
  }

  private watchSize(): ResizeObserver {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      this.width = Math.max(1, contentRect.width);
      this.height = Math.max(1, contentRect.height);
      this.resize();
      this.loop.changed();
    });
    observer.observe(this.root);
    return observer;
  }

  private watchSight(): IntersectionObserver {
    const observer = new IntersectionObserver((entries) => {
      this.loop.show(entries[entries.length - 1].isIntersecting);
    });
    observer.observe(this.root);
    return observer;
  }

  private resize(): void {
    if (this.width === 0) return;
    this.screen.resize(this.width, this.height, this.budget.ratio);
    this.eye.resize(this.width, this.height);
  }

  private paintSky(): void {
    const sky = getComputedStyle(this.root).getPropertyValue('--view-sky').trim();
    this.world.background = new Color(sky === '' ? '#dfe5ea' : sky);
    this.loop.changed();
  }
}
