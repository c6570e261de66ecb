import type { SceneMessage } from '../../protocol/messages.ts';
import type { PictureCamera, PictureHeader } from '../../protocol/pictures.ts';
import { fitInside, hitBox } from './hit_test.ts';
import { NewestWins } from './newest_wins.ts';
import { paintOutlines } from './paint_outlines.ts';
import { pictureAge, viewAge } from './picture_age.ts';

export type CameraOutline = SceneMessage['outlines'][number];

/** A camera's pictures with what is seen in them. Works without WebGL. */
export interface CameraView {
  /** Header and JPEG of a message of /ws/pictures; a newer one takes the place of one that waits to be decoded. */
  picture(header: PictureHeader, jpeg: Uint8Array<ArrayBuffer>): void;
  outlines(outline: CameraOutline | null): void;
  select(id: number | null): void;
  onSelect(handler: (id: number) => void): void;
  /** Age of the live picture that was shown last; infinite before the first. `now` of performance.now(). */
  age_ms(now: number): number;
  /** Shows a recorded picture under a banner until null; without `jpeg` the one before, with null none. */
  replay(moment: { readonly jpeg?: Blob | null; readonly label: string } | null): void;
  dispose(): void;
}

interface Incoming {
  readonly header: PictureHeader | null;
  readonly received_ms: number;
  readonly jpeg: Blob;
}

const TITLES: Readonly<Record<PictureCamera, string>> = { overview: 'Overview', wrist: 'Wrist' };
/** How far from an outline a press still means it, pixels of the page. */
const REACH_PX = 16;
const AGE_EVERY_MS = 100;

export function mountCameraView(host: HTMLElement, camera: PictureCamera): CameraView {
  const root = element('figure', 'camera-view');
  const canvas = element('canvas', 'camera-picture');
  const overlay = element('canvas', 'camera-outlines');
  const age = element('span', 'camera-age');
  const banner = element('p', 'replay-banner');
  const caption = element('figcaption', 'camera-name');
  caption.textContent = TITLES[camera];
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Camera ${camera}`);
  overlay.setAttribute('aria-hidden', 'true');
  banner.hidden = true;
  root.append(canvas, overlay, age, banner, caption);
  host.append(root);

  const paper = canvas.getContext('2d', { alpha: false });
  const glass = overlay.getContext('2d');
  let shown: Incoming | null = null;
  let kept: Incoming | null = null;
  let outline: CameraOutline | null = null;
  let selected: number | null = null;
  let chosen: (id: number) => void = () => {};
  let replaying = false;

  const paint = (bitmap: ImageBitmap) => {
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    paper?.drawImage(bitmap, 0, 0);
    bitmap.close();
  };
  const decoding = new NewestWins<Incoming, ImageBitmap>(
    ({ jpeg }) => createImageBitmap(jpeg),
    (bitmap, incoming) => {
      if (replaying !== (incoming.header === null)) {
        bitmap.close();
        return;
      }
      paint(bitmap);
      if (incoming.header !== null) shown = incoming;
      refresh();
    },
  );
  const ageOf = (now: number) =>
    shown?.header == null ? Infinity : pictureAge(shown.header.age_ms, shown.received_ms, now);

  const refresh = () => {
    if (replaying) return;
    const { old, text } = viewAge(ageOf(performance.now()));
    root.classList.toggle('old', old);
    if (age.textContent !== text) age.textContent = text;
  };
  const drawOutlines = () => {
    if (glass === null) return;
    const { width, height } = overlay.getBoundingClientRect();
    const scale = Math.min(2, devicePixelRatio);
    overlay.width = Math.round(width * scale);
    overlay.height = Math.round(height * scale);
    if (outline === null || replaying) return;
    glass.scale(scale, scale);
    paintOutlines(glass, outline, selected, fitInside(outline.width, outline.height, width, height));
  };
  overlay.addEventListener('click', ({ offsetX, offsetY }) => {
    if (outline === null || replaying) return;
    const { width, height } = overlay.getBoundingClientRect();
    const { scale, left, top } = fitInside(outline.width, outline.height, width, height);
    const id = hitBox(outline.boxes, (offsetX - left) / scale, (offsetY - top) / scale, REACH_PX / scale);
    if (id !== null) chosen(id);
  });
  const sized = new ResizeObserver(drawOutlines);
  sized.observe(overlay);
  const ticking = setInterval(() => {
    if (!document.hidden) refresh();
  }, AGE_EVERY_MS);
  refresh();

  return {
    picture: (header, jpeg) => {
      const incoming = { header, received_ms: performance.now(), jpeg: new Blob([jpeg], { type: 'image/jpeg' }) };
      if (replaying) kept = incoming;
      else decoding.push(incoming);
    },
    outlines: (seen) => {
      outline = seen;
      drawOutlines();
    },
    select: (id) => {
      selected = id;
      drawOutlines();
    },
    onSelect: (handler) => {
      chosen = handler;
    },
    age_ms: ageOf,
    replay: (moment) => {
      const turned = replaying !== (moment !== null);
      replaying = moment !== null;
      banner.textContent = moment?.label ?? '';
      if (moment?.jpeg === null || turned) paper?.clearRect(0, 0, canvas.width, canvas.height);
      if (moment?.jpeg != null) decoding.push({ header: null, received_ms: NaN, jpeg: moment.jpeg });
      if (!turned) return;
      root.classList.toggle('replaying', replaying);
      banner.hidden = !replaying;
      age.hidden = replaying;
      if (replaying) root.classList.remove('old');
      else if (kept !== null) decoding.push(kept);
      kept = null;
      drawOutlines();
      refresh();
    },
    dispose: () => {
      clearInterval(ticking);
      sized.disconnect();
      decoding.close();
      root.remove();
    },
  };
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
