import type { History } from '../../protocol/history.ts';
import { momentAt, nextEvent, type PastMoment, replayLabel, statusText } from './past_moment.ts';
import { type Ask, loadPast, loadPastPicture, loadRuns, type PastName } from './past_source.ts';
import { ReplayScreen, type ReplayViews } from './replay_views.ts';
import { buildScrubberFace } from './scrubber_face.ts';

/** The last minutes and recorded runs, shown in the same views; what is live goes on behind them. */
export interface Scrubber {
  /** Whether something else than now is shown: nothing may be commanded by what is seen then. */
  readonly replaying: boolean;
  /** Back to what is live. */
  live(): void;
  dispose(): void;
}

const LIVE = '';
const PLAY_EVERY_MS = 100;
const LABEL_EVERY_MS = 500;

export function mountScrubber(host: HTMLElement, ask: Ask, views: ReplayViews): Scrubber {
  const face = buildScrubberFace(host);
  let name: PastName = null;
  let past: History | null = null;
  let loaded_ms = 0;
  let at_ms = 0;
  let shown: PastMoment | null = null;
  let replaying = false;
  let playing = false;
  let loads = 0;
  let loading: Promise<boolean> | null = null;
  let wanted = 1;
  const screen = new ReplayScreen(views, (camera, when_ms) => loadPastPicture(ask, name, camera, when_ms));
  /** What the server's clock says now. */
  const now = (of: History) => of.kept.to_ms + performance.now() - loaded_ms;

  const relabel = (of: History, moment: PastMoment) => {
    const label = replayLabel(of, at_ms, now(of));
    screen.show(moment, label);
    face.at(at_ms, label);
  };
  const show = (said?: string) => {
    if (past === null) return;
    shown = momentAt(past, at_ms);
    if (shown === null) return face.say('Nothing is kept yet.');
    replaying = true;
    relabel(past, shown);
    face.say(said ?? statusText(shown.status));
    face.replaying(true);
  };
  const load = async (then: PastName) => {
    const mine = ++loads;
    face.say('Loading.');
    try {
      const got = await loadPast(ask, then);
      if (mine !== loads) return false;
      [name, past, loaded_ms] = [then, got, performance.now()];
      face.span(got.kept.from_ms, got.kept.to_ms, got.events);
      face.say(got.incomplete);
      return true;
    } catch (error) {
      if (mine === loads) face.say(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  const play = (on: boolean) => {
    playing = on && replaying;
    face.playing(playing);
  };
  const live = () => {
    loads++;
    loading = null;
    [name, past, replaying] = [null, null, false];
    play(false);
    screen.end();
    face.choose(LIVE);
    face.at(null, 'Live');
    face.say('');
    face.replaying(false);
  };
  /** However often it is asked for meanwhile, the past is loaded once. */
  const opened = async () => {
    if (past !== null) return past;
    loading ??= load(null).finally(() => {
      loading = null;
    });
    return (await loading) ? past : null;
  };
  const moveTo = async (share: number) => {
    wanted = share;
    const of = await opened();
    if (of === null) return;
    at_ms = of.kept.from_ms + (of.kept.to_ms - of.kept.from_ms) * wanted;
    show();
  };
  const step = async (direction: 1 | -1) => {
    const of = await opened();
    if (of === null) return;
    const from = replaying ? at_ms : of.kept.to_ms;
    const next = nextEvent(of.events, from, direction);
    if (next === null) return face.say(direction > 0 ? 'No later event.' : 'No earlier event.');
    at_ms = next.at_ms;
    show(`${next.kind}: ${next.text}${next.by === '' ? '' : ` (${next.by})`}`);
  };
  face.on({
    move: (share) => void moveTo(share),
    event: (direction) => void step(direction),
    live,
    play: () => play(!playing),
    openList: () => void loadRuns(ask).then(face.runs, (error: unknown) => face.say(String(error))),
    choose: async (chosen) => {
      if (chosen === null) return live();
      play(false);
      if (!(await load(chosen)) || past === null) return;
      at_ms = past.kept.from_ms;
      show();
    },
  });
  let last_ms = performance.now();
  const playTimer = setInterval(() => {
    const passed_ms = performance.now() - last_ms;
    last_ms += passed_ms;
    if (!playing || past === null) return;
    at_ms = Math.min(past.kept.to_ms, at_ms + passed_ms);
    show();
    if (at_ms === past.kept.to_ms) play(false);
  }, PLAY_EVERY_MS);
  const labelTimer = setInterval(() => {
    if (replaying && !playing && past?.source === 'live' && shown !== null) relabel(past, shown);
  }, LABEL_EVERY_MS);

  return {
    get replaying() {
      return replaying;
    },
    live,
    dispose: () => {
      live();
      clearInterval(playTimer);
      clearInterval(labelTimer);
      face.remove();
    },
  };
}
