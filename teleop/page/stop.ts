// Bundled alone and loaded right after the button: whatever else fails on this page, Stop works.
import { StopState } from './core/stop_state.ts';
import { TabIdentity } from './core/tab_identity.ts';
import { readProgress, StopSocket } from './link/stop_socket.ts';
import { TOKEN_KEY } from './stop_face.ts';

const KEYS: readonly string[] = ['Escape', 'Pause'];
const WORDS = {
  idle: '',
  sent: 'sent',
  taken: 'sent, received',
  stopping: 'stopping',
  standstill: 'standstill',
  unconfirmed: 'NOT CONFIRMED: use the button on the robot',
} as const;
/** A click that follows a press of the pointer is the same press. */
const SAME_PRESS_MS = 1000;
const POLL_MS = 20;

const button = document.getElementById('stop');
const status = document.getElementById('stop-status');
const linkLine = document.getElementById('stop-link');
const identity = new TabIdentity(sessionStorage, () => crypto.randomUUID());
const state = new StopState(Math.floor(Math.random() * 0x7fff_ffff));
const token = () => sessionStorage.getItem(TOKEN_KEY);
const socket = new StopSocket(identity.tab, token, onProgress, showLink);
let pressed = { pressed_ms: 0, handled_ms: 0 };
let pointer_ms = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setInterval> | undefined;

/** @param stamp_ms  when it was pressed, of performance.now */
function press(stamp_ms: number): void {
  const now_ms = performance.now();
  const id = state.press(now_ms);
  pressed = { pressed_ms: performance.timeOrigin + stamp_ms, handled_ms: performance.timeOrigin + now_ms };
  if (!socket.send({ type: 'stop', id, ...pressed })) sendByRequest();
  performance.mark('stop-handled', { startTime: now_ms, detail: { id, pressed_ms: stamp_ms, handled_ms: now_ms } });
  show();
  timer ??= setInterval(turn, POLL_MS);
}

function turn(): void {
  if (state.turn(performance.now())) {
    socket.send({ type: 'stop', id: state.id, ...pressed });
    sendByRequest();
  }
  show();
  if (state.active) return;
  clearInterval(timer);
  timer = undefined;
}

/** Goes on when the page is closed, and where sockets are stuck. */
function sendByRequest(): void {
  const [key, id] = [token(), state.id];
  if (key === null) {
    state.cannotSend('not logged in');
    return;
  }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ type: 'stop', id, ...pressed });
  fetch('/api/stop', { method: 'POST', keepalive: true, headers, body }).then(
    async (response) => {
      const progress = response.ok ? readProgress(await response.text()) : null;
      if (progress !== null) onProgress(progress);
      else if (id === state.id && response.status === 401) state.cannotSend('not logged in');
    },
    () => undefined,
  );
}

function onProgress(progress: Parameters<StopState['hear']>[0]): void {
  state.hear(progress);
  if (progress.id === state.id) {
    performance.mark(`stop-${progress.phase}`, { detail: { id: progress.id } });
  }
  show();
}

function show(): void {
  if (button === null || status === null) return;
  if (button.dataset.phase !== state.phase) button.dataset.phase = state.phase;
  const travel = state.travel_m === null ? '' : `, ${(state.travel_m * 1000).toFixed(0)} mm`;
  const detail = state.phase === 'unconfirmed' && state.detail !== '' ? ` (${state.detail})` : '';
  const text = `${WORDS[state.phase]}${state.phase === 'standstill' ? travel : ''}${detail}`;
  if (status.textContent !== text) status.textContent = text;
}

function showLink(ready: boolean): void {
  if (linkLine === null) return;
  linkLine.dataset.ready = String(ready);
  linkLine.textContent = ready ? 'Stop is connected' : 'Stop is not connected: use the button on the robot';
}

button?.addEventListener('pointerdown', (event) => {
  pointer_ms = event.timeStamp;
  press(event.timeStamp);
});
button?.addEventListener('click', (event) => {
  if (event.timeStamp - pointer_ms > SAME_PRESS_MS) press(event.timeStamp);
});
window.addEventListener(
  'keydown',
  (event) => {
    if (KEYS.includes(event.key) && !event.repeat) press(event.timeStamp);
  },
  { capture: true },
);
window.addEventListener('pagehide', () => identity.leave());
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) identity.comeBack();
});
for (const name of ['online', 'pageshow', 'visibilitychange']) window.addEventListener(name, () => socket.hurry());

window.surepickStop = { tab: identity.tab, sessionChanged: () => socket.sessionChanged(), rearm };

function rearm(): void {
  state.rearm();
  show();
}

if (button !== null) button.dataset.bound = 'true';
showLink(false);
socket.connect();
