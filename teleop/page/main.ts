import { Jogger } from './core/jogger.ts';
import { Desk } from './desk.ts';
import { make } from './dom.ts';
import { JogInput } from './jog_input.ts';
import { ControlLink } from './link/control_link.ts';
import { Inbox } from './link/inbox.ts';
import { PictureLink } from './link/picture_link.ts';
import { forgetToken, loginByFragment, storedToken } from './link/session.ts';
import { emptyPageState } from './page_state.ts';
import { AlarmsPanel } from './panels/alarms_panel.ts';
import { ApprovalsPanel } from './panels/approvals_panel.ts';
import { AttentionPanel } from './panels/attention_panel.ts';
import { CorrectionsPanel } from './panels/corrections_panel.ts';
import { CountersPanel } from './panels/counters_panel.ts';
import { EscalationsPanel } from './panels/escalations_panel.ts';
import { GripperPanel } from './panels/gripper_panel.ts';
import { JogPanel } from './panels/jog_panel.ts';
import { LatencyPanel } from './panels/latency_panel.ts';
import { LeasePanel } from './panels/lease_panel.ts';
import { LoginPanel } from './panels/login_panel.ts';
import { NoticesPanel } from './panels/notices_panel.ts';
import { PastPanel } from './panels/past_panel.ts';
import { PickPanel } from './panels/pick_panel.ts';
import { PlotsPanel } from './panels/plots_panel.ts';
import { PolicyPanel } from './panels/policy_panel.ts';
import { QualityPanel } from './panels/quality_panel.ts';
import { RecordPanel } from './panels/record_panel.ts';
import { SafetyPanel } from './panels/safety_panel.ts';
import { TaskPanel } from './panels/task_panel.ts';
import { WorldFrame } from './panels/world_frame.ts';
import { Turns } from './turns.ts';
import { ViewPanel } from './view_panel.ts';

/** Above whatever this tab sent before it was loaded anew: 30 a second since then. */
const firstSequence = () => Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / 33) >>> 0;

function start(tab: string): void {
  const page = emptyPageState();
  const [notices, waiting] = [new NoticesPanel(), new AttentionPanel()];
  const tell = (text: string) => notices.tell(text);
  const login = new LoginPanel(() => link.connect());
  const inbox = new Inbox(page);
  const link: ControlLink = new ControlLink({
    tab,
    onMessage: (message) => inbox.hear(message, performance.now()),
    onLink: (state, reason) => {
      if (state !== 'open') jogger.release('lease_lost', 'the connection was lost');
      if (state === 'login' && storedToken() !== null) forgetToken();
      inbox.linkIs(state, reason);
      login.show(state === 'login', reason);
      pictures.want(state === 'open');
    },
  });
  const jogger: Jogger = new Jogger({
    send: (command) => void link.send(command),
    sequence: firstSequence(),
    onDrop: (_, why) => jog.onDrop(why),
  });
  const desk = new Desk(page, link, tell);
  const view = new ViewPanel({ onSelect: (object) => pick.select(object), onTrouble: tell });
  const pictures = new PictureLink(tab, (header, jpeg) => view.picture(header, jpeg));
  const pick: PickPanel = new PickPanel(desk);
  const policy = new PolicyPanel(desk, { place: () => pick.chosenPlace, onStart: () => pick.select(null) });
  const input: JogInput = new JogInput({
    jogger,
    setting: () => jog.setting,
    refusal: () => jog.refusal(performance.now()),
  });
  const jog: JogPanel = new JogPanel(desk, jogger, view, input);
  const [safety, lease] = [new SafetyPanel(desk), new LeasePanel(desk)];
  const past = new PastPanel(desk, view.replayViews);
  const work = [new TaskPanel(desk), pick, policy, jog, new GripperPanel(desk)];
  const corrections = new CorrectionsPanel(desk);
  const escalations = new EscalationsPanel(desk, (question) => corrections.about(question));
  const attention = [escalations, corrections, new AlarmsPanel(desk), new ApprovalsPanel(desk)];
  const figures = [
    new QualityPanel((now_ms) => view.pictureAge_ms(now_ms)),
    new LatencyPanel(),
    new CountersPanel(),
    new PlotsPanel(),
    new RecordPanel(desk),
  ];
  const column = (id: string, ...parts: readonly { readonly element: HTMLElement }[]) =>
    make('div', { id, class: 'column' }, ...parts.map(({ element }) => element));
  document.getElementById('bar-panels')?.append(safety.element, lease.element, waiting.element);
  document
    .getElementById('page')
    ?.append(
      login.element,
      column('left', view, past),
      column('right', ...work),
      column('waiting', ...attention, notices),
      column('below', ...figures),
    );
  const parts = [view, past, notices, waiting, safety, lease, ...work, ...attention, ...figures];
  new Turns({ page, link, parts, world: new WorldFrame(), view, jog, tell }).start();
  for (const name of ['online', 'pageshow', 'visibilitychange']) window.addEventListener(name, () => link.hurry());
  void loginByFragment().then((entry) => {
    if (entry?.ok === false && storedToken() === null) login.show(true, entry.reason);
    else if (entry?.ok === false) tell(entry.reason);
    if (entry?.ok !== false || storedToken() !== null) link.connect();
  });
}

const stop = window.surepickStop;
if (stop !== undefined) start(stop.tab);
else document.getElementById('page')?.append('Stop could not be loaded, so nothing else is: load this page again.');
