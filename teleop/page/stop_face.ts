/** What stop.js offers to the rest of the page, as `window.surepickStop`. */
export interface StopFace {
  /** Of this tab, for `auth` on every socket. */
  readonly tab: string;
  /** The token in sessionStorage is another one. */
  sessionChanged(): void;
  /** The robot is no longer in a stop. */
  rearm(): void;
}

/** Of the session's token in sessionStorage. */
export const TOKEN_KEY = 'surepick.token';

declare global {
  interface Window {
    surepickStop?: StopFace;
  }
}
