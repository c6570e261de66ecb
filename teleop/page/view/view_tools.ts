import { VIEW_PRESETS, type ViewCamera, type ViewPreset } from './view_camera.ts';

const PRESET_TITLES: Readonly<Record<ViewPreset, string>> = { front: 'Front', top: 'Top', side: 'Side' };

/** Buttons that move the eye, for those who do not drag, and for the arm where its drives were told to be. */
export function buildViewTools(
  eye: ViewCamera,
  changed: () => void,
  showCommanded: (shown: boolean) => void,
): HTMLElement {
  const tools = document.createElement('div');
  tools.className = 'view-tools';
  tools.setAttribute('role', 'toolbar');
  tools.setAttribute('aria-label', 'View');
  const button = (text: string, name: string, act: () => void) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.setAttribute('aria-label', name);
    made.addEventListener('click', () => {
      act();
      changed();
    });
    tools.append(made);
    return made;
  };
  let following = false;
  const follow = (on: boolean) => {
    following = on;
    eye.follow(on);
    hand.setAttribute('aria-pressed', String(on));
  };
  for (const preset of VIEW_PRESETS) {
    button(PRESET_TITLES[preset], `${PRESET_TITLES[preset]} view`, () => {
      follow(false);
      eye.preset(preset);
    });
  }
  const hand = button('Follow hand', 'Follow hand', () => follow(!following));
  hand.setAttribute('aria-pressed', 'false');
  let shown = false;
  const commanded = button('Commanded', 'Show commanded arm', () => {
    shown = !shown;
    showCommanded(shown);
    commanded.setAttribute('aria-pressed', String(shown));
  });
  commanded.setAttribute('aria-pressed', 'false');
  const arrow = (degrees: number, name: string, left: number, up: number) =>
    button('', name, () => eye.turn(left, up)).append(buildArrow(degrees));
  arrow(180, 'Turn view left', 1, 0);
  arrow(0, 'Turn view right', -1, 0);
  arrow(-90, 'Tilt view up', 0, 1);
  arrow(90, 'Tilt view down', 0, -1);
  button('+', 'View closer', () => eye.closer(1));
  button('−', 'View from farther', () => eye.closer(-1));
  return tools;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Points right, turned by `degrees` clockwise. */
function buildArrow(degrees: number): SVGElement {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', '-8 -8 16 16');
  picture.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', 'M-6 0H5M0 -5L5 0L0 5');
  line.setAttribute('transform', `rotate(${degrees})`);
  picture.append(line);
  return picture;
}
