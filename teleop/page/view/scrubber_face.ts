import type { HistoryEvent, HistoryEventKind, RunList } from '../../protocol/history.ts';
import type { PastName } from './past_source.ts';

export interface ScrubberHandlers {
  /** 0 for the oldest, 1 for the newest. */
  readonly move: (share: number) => void;
  readonly event: (direction: 1 | -1) => void;
  readonly live: () => void;
  readonly play: () => void;
  readonly openList: () => void;
  readonly choose: (name: PastName) => void;
}

export interface ScrubberFace {
  on(handlers: ScrubberHandlers): void;
  /** What can be shown, ms, and what happened in it. */
  span(from_ms: number, to_ms: number, events: readonly HistoryEvent[]): void;
  /** Null for now. */
  at(at_ms: number | null, label: string): void;
  say(text: string): void;
  replaying(on: boolean): void;
  playing(on: boolean): void;
  choose(value: string): void;
  runs(list: RunList): void;
  remove(): void;
}

const STEPS = 10_000;
const MOST_TICKS = 300;
/** Those that ask for a look; the rest would hide them. */
const TICKED: readonly HistoryEventKind[] = ['alarm', 'stop', 'stage', 'mark', 'deed'];

export function buildScrubberFace(host: HTMLElement): ScrubberFace {
  const root = element('div', 'scrubber');
  const slider = element('input', 'scrubber-slider');
  slider.type = 'range';
  slider.min = '0';
  slider.max = String(STEPS);
  slider.value = slider.max;
  slider.step = '10';
  slider.setAttribute('aria-label', 'Time shown');
  slider.setAttribute('aria-valuetext', 'Live');
  const ticks = element('div', 'scrubber-ticks');
  ticks.setAttribute('aria-hidden', 'true');
  const track = element('div', 'scrubber-track');
  track.append(slider, ticks);
  const where = element('output', 'scrubber-where');
  where.textContent = 'Live';
  const said = element('p', 'scrubber-said');
  const list = element('select', 'scrubber-list');
  list.append(new Option('Live', ''));
  const listLabel = element('label', 'scrubber-list-label');
  listLabel.append('Recording ', list);
  const [live, play, before, after] = ['Live', 'Play from here', 'Earlier event', 'Later event'].map((name) => {
    const made = element('button', 'scrubber-button');
    made.type = 'button';
    made.textContent = name;
    return made;
  });
  const row = element('div', 'scrubber-row');
  row.append(live, play, before, after, listLabel, where);
  root.append(track, row, said);
  host.append(root);
  let span = { from_ms: 0, to_ms: 0 };

  return {
    on: (handlers) => {
      slider.addEventListener('input', () => handlers.move(Number(slider.value) / STEPS));
      live.addEventListener('click', handlers.live);
      play.addEventListener('click', handlers.play);
      before.addEventListener('click', () => handlers.event(-1));
      after.addEventListener('click', () => handlers.event(1));
      list.addEventListener('focus', handlers.openList);
      list.addEventListener('change', () => {
        const { run, episode } = list.selectedOptions[0]?.dataset ?? {};
        handlers.choose(run === undefined || episode === undefined ? null : { run, episode });
      });
    },
    span: (from_ms, to_ms, events) => {
      span = { from_ms, to_ms };
      const shown = events.filter(({ kind }) => TICKED.includes(kind)).slice(-MOST_TICKS);
      ticks.replaceChildren(...shown.map((event) => buildTick(event, from_ms, to_ms)));
    },
    at: (at_ms, label) => {
      const length_ms = span.to_ms - span.from_ms;
      const share = at_ms === null || length_ms <= 0 ? 1 : (at_ms - span.from_ms) / length_ms;
      const value = String(Math.round(share * STEPS));
      if (slider.value !== value && document.activeElement !== slider) slider.value = value;
      if (at_ms === null) slider.value = slider.max;
      slider.setAttribute('aria-valuetext', label);
      where.textContent = label;
    },
    say: (text) => {
      if (said.textContent !== text) said.textContent = text;
    },
    replaying: (on) => {
      root.classList.toggle('replaying', on);
      live.setAttribute('aria-pressed', String(!on));
    },
    playing: (on) => {
      play.textContent = on ? 'Hold here' : 'Play from here';
    },
    choose: (value) => {
      list.value = value;
    },
    runs: ({ runs }) => {
      const chosen = list.value;
      const groups = runs.map(({ name: run, episodes }) => {
        const group = document.createElement('optgroup');
        group.label = run;
        for (const { name: episode, success, object, seconds } of episodes) {
          const end = success === null ? 'unfinished' : success ? 'done' : 'failed';
          const option = new Option(
            `${episode}: ${[object, end, `${seconds.toFixed(0)} s`].filter(Boolean).join(', ')}`,
            `${run}/${episode}`,
          );
          Object.assign(option.dataset, { run, episode });
          group.append(option);
        }
        return group;
      });
      list.replaceChildren(new Option('Live', ''), ...groups);
      list.value = chosen;
    },
    remove: () => root.remove(),
  };
}

function buildTick({ at_ms, kind, text }: HistoryEvent, from_ms: number, to_ms: number): HTMLElement {
  const tick = element('span', `scrubber-tick ${kind}`);
  tick.title = `${kind}: ${text}`;
  tick.style.left = `${((at_ms - from_ms) / Math.max(1, to_ms - from_ms)) * 100}%`;
  return tick;
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
