import { WebGLRenderer, WebGLRenderTarget } from 'three';

/** Where frames are drawn and how they come before the eye. */
export interface RenderScreen {
  readonly renderer: WebGLRenderer;
  resize(width: number, height: number, ratio: number): void;
  /** Ends when what was drawn last is shown. */
  present(): Promise<void>;
  dispose(): void;
}

const POLL_MS = 4;
const LONGEST_MS = 2000;

/** Draws straight onto the page's canvas. */
export function cardScreen(canvas: HTMLCanvasElement): RenderScreen {
  const renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: 'low-power' });
  return {
    renderer,
    resize: (width, height, ratio) => {
      renderer.setPixelRatio(ratio);
      renderer.setSize(width, height, false);
    },
    present: () => allDone(renderer.getContext() as WebGL2RenderingContext),
    dispose: () => renderer.dispose(),
  };
}

/**
 * Draws beside the page and brings the pixels over when they are ready. A canvas of WebGL that is drawn by software would hold
 * up the whole page, and with it Stop, until it is done.
 */
export function softwareScreen(canvas: HTMLCanvasElement): RenderScreen {
  const renderer = new WebGLRenderer({ antialias: false });
  const paper = canvas.getContext('2d');
  let target = new WebGLRenderTarget(1, 1);
  let pixels = new Uint8Array(4);
  let picture = new ImageData(1, 1);
  return {
    renderer,
    resize: (width, height, ratio) => {
      const [columns, rows] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
      if (columns === picture.width && rows === picture.height) return;
      target.dispose();
      target = new WebGLRenderTarget(columns, rows);
      pixels = new Uint8Array(4 * columns * rows);
      picture = new ImageData(columns, rows);
      renderer.setRenderTarget(target);
    },
    present: async () => {
      const [from, to] = [pixels, picture];
      await renderer.readRenderTargetPixelsAsync(target, 0, 0, to.width, to.height, from);
      // Rows of WebGL begin at the bottom.
      const row = 4 * to.width;
      for (let y = 0; y < to.height; y++) {
        to.data.set(from.subarray((to.height - 1 - y) * row, (to.height - y) * row), y * row);
      }
      if (canvas.width !== to.width || canvas.height !== to.height) {
        canvas.width = to.width;
        canvas.height = to.height;
      }
      paper?.putImageData(to, 0, 0);
    },
    dispose: () => {
      target.dispose();
      renderer.dispose();
    },
  };
}

/** Waits for the card without holding up the page. */
async function allDone(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  if (fence === null) return;
  gl.flush();
  const end_ms = performance.now() + LONGEST_MS;
  do await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  while (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED && performance.now() < end_ms);
  gl.deleteSync(fence);
}
