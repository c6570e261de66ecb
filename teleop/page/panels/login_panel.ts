import { labelled, make, setData, setHidden, setText } from '../dom.ts';
import { loginByPassword } from '../link/session.ts';

/** Name and password, where the address brought no code. */
export class LoginPanel {
  readonly element: HTMLElement;
  private readonly name = make('input', { type: 'text', id: 'login-name', autocomplete: 'username', required: '' });
  private readonly password = make('input', {
    type: 'password',
    id: 'login-password',
    autocomplete: 'current-password',
    required: '',
  });
  private readonly reason = make('p', { role: 'alert' });

  constructor(onLogin: () => void) {
    const form = make(
      'form',
      {},
      labelled('Name', this.name),
      labelled('Password', this.password),
      make('button', { type: 'submit', class: 'primary' }, 'Log in'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void loginByPassword(this.name.value, this.password.value).then((login) => {
        this.password.value = '';
        setText(this.reason, login.ok ? '' : login.reason);
        if (login.ok) onLogin();
      });
    });
    this.element = make('section', { id: 'login', class: 'panel', 'aria-labelledby': 'login-title', hidden: '' });
    this.element.append(
      make('h2', { id: 'login-title' }, 'Log in'),
      make(
        'p',
        { class: 'quiet' },
        'On the machine that runs the robot, open the address that surepick teleop prints.',
      ),
      this.reason,
      form,
    );
  }

  show(shown: boolean, reason = ''): void {
    setHidden(this.element, !shown);
    setData(document.body, 'login', String(shown));
    if (reason !== '') setText(this.reason, reason);
  }
}
