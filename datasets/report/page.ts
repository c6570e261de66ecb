import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { escapeHtml, type Html } from './escape.ts';

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/><path d="M4 3v4l3 2v4M12 3v4L9 9v4" stroke="#fff" stroke-width="1.6" fill="none"/></svg>',
)}`;

/** uPlot formats numbers for navigator.language, which headless browsers under LANG=C give as no valid language tag. */
const VALID_LANGUAGE =
  "try{new Intl.NumberFormat(navigator.language)}catch{Object.defineProperty(navigator,'language',{value:'en'})}";

export interface PageParts {
  /** Plain text. */
  readonly title: string;
  readonly body: Html;
  /** After the plotting library (uPlot), in this order. */
  readonly scripts: readonly string[];
  /** After the look that all pages share. */
  readonly styles?: string;
}

/**
 * One HTML page that needs nothing else: data, styles and the plotting library (uPlot) are within. A content security policy
 * allows exactly the scripts the page carries, pictures within the page, and no connection at all.
 */
export function selfContainedPage({ title, body, scripts: own, styles = '' }: PageParts): string {
  const { script: plotting, style: plotting_style } = plottingLibrary();
  const scripts = [VALID_LANGUAGE, plotting, ...own];
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes}; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    `<link rel="icon" href="${escapeHtml(ICON)}">`,
    `<style>${plotting_style}\n${reportAsset('report.css')}${styles}</style>`,
    '</head>',
    '<body>',
    body.text,
    ...scripts.map((text) => `<script>${text}</script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function plottingLibrary(): { readonly script: string; readonly style: string } {
  const require = createRequire(import.meta.url);
  const script = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  return { script, style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8') };
}

/** A file of this folder. */
export function reportAsset(name: string): string {
  return readFileSync(join(PACKAGE_ROOT, 'datasets', 'report', name), 'utf8');
}
