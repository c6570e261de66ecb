import { TOKEN_KEY } from '../stop_face.ts';

export type Login = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const CODE = /^#t=([\w-]{1,128})$/;

export function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY);
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  window.surepickStop?.sessionChanged();
}

/** Takes the single-use code out of the address, so that it is in no history, and trades it for a session. */
export async function loginByFragment(): Promise<Login | null> {
  const code = CODE.exec(location.hash)?.[1];
  if (code === undefined) return null;
  history.replaceState(null, '', location.pathname);
  return login('/api/session', { code });
}

export function loginByPassword(user: string, password: string): Promise<Login> {
  return login('/api/login', { user, password });
}

async function login(path: string, body: Readonly<Record<string, string>>): Promise<Login> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: { token?: unknown; text?: unknown } | null = await response.json().catch(() => null);
    if (!response.ok) {
      return {
        ok: false,
        reason: typeof answer?.text === 'string' ? answer.text : `the server says ${response.status}`,
      };
    }
    if (typeof answer?.token !== 'string') return { ok: false, reason: 'The server gave no session.' };
    sessionStorage.setItem(TOKEN_KEY, answer.token);
    window.surepickStop?.sessionChanged();
    return { ok: true };
  } catch {
    return { ok: false, reason: 'The server does not answer.' };
  }
}

/** Ends the session, at the server too. */
export async function logOut(): Promise<void> {
  await request('/api/session', { method: 'DELETE' }).catch(() => null);
  forgetToken();
}

/** A request with the session's token. */
export function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${storedToken() ?? ''}`);
  return fetch(path, { ...init, headers });
}
