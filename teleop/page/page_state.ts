import type {
  AlarmsMessage,
  CountersMessage,
  EscalationsMessage,
  LatencyMessage,
  PoliciesMessage,
  Preview,
  SceneMessage,
  SeenObject,
  StateFrame,
  Welcome,
} from '../protocol/messages.ts';
import type { PictureCamera } from '../protocol/pictures.ts';

export type LinkState = 'closed' | 'connecting' | 'open' | 'login';

/** What has come and at what time of this page (performance.now, ms). */
export interface Received<T> {
  readonly message: T;
  readonly at_ms: number;
}

/** All that the page shows; written by the link and by the panels' choices, read by every part that draws. */
export interface PageState {
  link: LinkState;
  /** Why the link is not open, for people. */
  linkReason: string;
  welcome: Welcome | null;
  state: Received<StateFrame> | null;
  /** Since when what `state` shows is true by the page's clock, ms: without what the way here took. */
  stateTrueSince_ms: number;
  /** Newest tick that was drawn. */
  drawnTick: number;
  scene: Received<SceneMessage> | null;
  alarms: Received<AlarmsMessage> | null;
  latency: Received<LatencyMessage> | null;
  counters: Received<CountersMessage> | null;
  escalations: Received<EscalationsMessage> | null;
  policies: PoliciesMessage | null;
  /** Of the last answered ping, ms. */
  rtt_ms: number | null;
  /** States in the last second. */
  stateRate_hz: number;
  selected: SeenObject | null;
  preview: Preview | null;
  /** The outline that is being corrected. */
  correcting: { readonly camera: PictureCamera; readonly id: number } | null;
  /** Held commands that the server dropped, by reason, since the page opened. */
  refused: Record<string, number>;
  /** The views show a moment of the past: what is seen there must not be acted on. */
  replaying: boolean;
}

export function emptyPageState(): PageState {
  return {
    link: 'closed',
    linkReason: '',
    welcome: null,
    state: null,
    stateTrueSince_ms: 0,
    drawnTick: 0,
    scene: null,
    alarms: null,
    latency: null,
    counters: null,
    escalations: null,
    policies: null,
    rtt_ms: null,
    stateRate_hz: 0,
    selected: null,
    preview: null,
    correcting: null,
    refused: {},
    replaying: false,
  };
}
