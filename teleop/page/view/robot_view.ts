import type { Preview, SceneMessage, StateFrame, Welcome } from '../../protocol/messages.ts';

/** Bytes of a mesh that a robot's description names, `package://…` as it stands there. */
export type LoadMesh = (url: string) => Promise<ArrayBuffer>;

/** What of a moment moves the robot and what is around it; `joint_names` is the order of `q`. */
export interface RobotMoment {
  readonly joint_names: readonly string[];
  readonly q: readonly number[];
  /** What the drives were sent; empty where nobody tells. */
  readonly commanded: readonly number[];
  readonly gripper_width_m: number | null;
  readonly tool: StateFrame['tool'];
  readonly separation_m: number | null;
  readonly protective_distance_m: number | null;
  readonly objects: SceneMessage['objects'];
}

/** A moment of the past, and what the banner over it says. */
export interface Replayed {
  readonly moment: RobotMoment;
  readonly label: string;
}

/** The robot and what is around it, in three dimensions. Draws by itself when something changed. */
export interface RobotView {
  welcome(welcome: Welcome): void;
  /** Text of its URDF; meshes of files come after the first picture, where `loadMesh` is given. */
  robot(urdf: string, loadMesh?: LoadMesh | null): void;
  state(frame: StateFrame): void;
  scene(scene: SceneMessage): void;
  preview(preview: Preview | null): void;
  select(id: number | null): void;
  /** Called with the object that a person pressed on, null beside all. */
  onSelect(handler: (id: number | null) => void): void;
  /** Shows a recorded moment under a banner until null; what is live goes on being kept. */
  replay(moment: Replayed | null): void;
  dispose(): void;
}

/** What draws WebGL here: null for nothing. */
function webglRenderer(): string | null {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return null;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = info === null ? '' : context.getParameter(info.UNMASKED_RENDERER_WEBGL);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' ? name : '';
}

/** The view in `host`, empty until its program has come; null where the browser has no WebGL. */
export function mountRobotView(host: HTMLElement): RobotView | null {
  const renderer = webglRenderer();
  if (renderer === null) return null;
  const software = /swiftshader|llvmpipe|software|basic render/i.test(renderer);
  const kept = new Map<string, (view: RobotView) => void>();
  let view: RobotView | null = null;
  let ended = false;
  void import('./robot_stage.ts').then(({ RobotStage }) => {
    if (ended) return;
    view = new RobotStage(host, software);
    for (const say of kept.values()) say(view);
    kept.clear();
  });
  const tell = (what: string, say: (view: RobotView) => void) => {
    if (view === null) kept.set(what, say);
    else say(view);
  };
  return {
    welcome: (welcome) => tell('welcome', (to) => to.welcome(welcome)),
    robot: (urdf, loadMesh) => tell('robot', (to) => to.robot(urdf, loadMesh)),
    state: (frame) => (view === null ? tell('state', (to) => to.state(frame)) : view.state(frame)),
    scene: (scene) => tell('scene', (to) => to.scene(scene)),
    preview: (preview) => tell('preview', (to) => to.preview(preview)),
    select: (id) => tell('select', (to) => to.select(id)),
    onSelect: (handler) => tell('onSelect', (to) => to.onSelect(handler)),
    replay: (moment) => tell('replay', (to) => to.replay(moment)),
    dispose: () => {
      ended = true;
      view?.dispose();
    },
  };
}
