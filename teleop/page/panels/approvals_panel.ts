import type { OpenApproval, OpenApprovals } from '../../approvals/open_approvals.ts';
import { looksLikePrivateKey } from '../../approvals/private_key.ts';
import type { Desk } from '../desk.ts';
import { button, labelled, make, section, setHidden, setText } from '../dom.ts';
import { request } from '../link/session.ts';
import type { Part } from '../parts.ts';

const LOOK_MS = 20_000;

/** What waits for approval, for supervisors: requests to be signed elsewhere, and a way in for the signatures. */
export class ApprovalsPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 500;
  private readonly desk: Desk;
  private readonly list = make('ul', { 'aria-label': 'Requests for approval' });
  private readonly file = make('input', { type: 'file', id: 'approval-file', accept: '.json' });
  private readonly outcome = make('p', { role: 'status' });
  private looked_ms = Number.NEGATIVE_INFINITY;
  /** Where the server takes no approvals. */
  private absent = false;

  constructor(desk: Desk) {
    this.desk = desk;
    this.file.addEventListener('change', () => void this.handIn());
    this.element = section(
      'Approvals',
      'approvals-panel',
      make(
        'p',
        { class: 'quiet' },
        'Sign on your own machine: surepick approve. Only the signed file comes here, never a key.',
      ),
      this.list,
      labelled('Signed approval', this.file),
      this.outcome,
    );
    setHidden(this.element, true);
  }

  draw(_: unknown, now_ms: number): void {
    const refused = this.desk.refusal('approve') !== '';
    if (refused) setHidden(this.element, true);
    if (refused || this.absent || now_ms - this.looked_ms < LOOK_MS) return;
    this.looked_ms = now_ms;
    void this.look();
  }

  private async look(): Promise<void> {
    const response = await request('/api/approvals').catch(() => null);
    if (response === null) return;
    this.absent = response.status === 404;
    const answer: Partial<OpenApprovals> | null = response.ok ? await response.json().catch(() => null) : null;
    const requests = answer?.requests ?? [];
    this.list.replaceChildren(...requests.map((one) => this.row(one)));
    setHidden(this.element, requests.length === 0);
  }

  private row({ file, what, robot, author, reason, until, signed_by, needed }: OpenApproval): HTMLLIElement {
    const signed = signed_by.length === 0 ? 'nobody yet' : signed_by.join(', ');
    return make(
      'li',
      {},
      make('p', {}, `${what} of ${robot}, asked for by ${author}: ${reason}`),
      make('p', { class: 'quiet' }, `needs ${needed}, signed by ${signed}, until ${until}`),
      button(`Download ${file}`, () => void this.download(file)),
    );
  }

  /** What holds a key is refused here already, so that it never leaves this machine. */
  private async handIn(): Promise<void> {
    const [chosen] = this.file.files ?? [];
    if (chosen === undefined) return;
    const text = await chosen.text();
    this.file.value = '';
    if (looksLikePrivateKey(text)) {
      setText(this.outcome, `${chosen.name} holds a private key and was not sent: keep it on the machine it is for`);
      return;
    }
    setText(this.outcome, `sending ${chosen.name}`);
    const headers = { 'content-type': 'application/json' };
    const response = await request('/api/approvals', { method: 'POST', headers, body: text }).catch(() => null);
    const answer: { text?: unknown } | null = await response?.json().catch(() => null);
    const why = typeof answer?.text === 'string' ? answer.text : `${response?.status ?? 'no connection'}`;
    const taken = `${chosen.name} was taken; it takes effect at the next Reset`;
    setText(this.outcome, response?.ok === true ? taken : `${chosen.name} was refused: ${why}`);
    await this.look();
  }

  private async download(file: string): Promise<void> {
    const response = await request(`/api/approvals/${encodeURIComponent(file)}`).catch(() => null);
    if (response?.ok !== true) return this.desk.notice(`Download of ${file}: ${response?.status ?? 'no connection'}`);
    const address = URL.createObjectURL(await response.blob());
    make('a', { href: address, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}
