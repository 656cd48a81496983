import { address } from "./address";
import { Calls } from "./connection";
import type { CodeAwaited, LogInWays, Page, RecoveryCodes, SecondFactor, SecondFactorBegun, SessionItem, SessionView } from "./facts";
import type { Outcome } from "./outcome";

/** Where single sign-on begins; afterwards the browser comes back to `then`. */
export function signOn(then: string): string {
  return address("/session/oidc", { then });
}

/** Where the session of single sign-on is ended, after the log-out here. */
export const SIGN_OFF = address("/session/oidc/end");

/** Logging in and out, and the own account: password, second factor, sessions. */
export class AccountCalls extends Calls {
  /** Log in; who has a second factor is asked for its code next (`giveCode`). */
  async logIn(user: string, password: string): Promise<Outcome<SessionView | CodeAwaited>> {
    return this.connection.keepToken(await this.connection.json<SessionView | CodeAwaited>("POST", address("/session"), { user, password }, true));
  }

  /** How one can log in here. */
  logInWays(): Promise<Outcome<LogInWays>> {
    return this.connection.json("GET", address("/session/ways"), undefined, true);
  }

  /** The second step of a log-in. */
  async giveCode(token: string, code: string): Promise<Outcome<SessionView>> {
    return this.connection.keepToken(await this.connection.json<SessionView>("POST", address("/session/code"), { token, code }, true));
  }

  async session(): Promise<Outcome<SessionView>> {
    return this.connection.keepToken(await this.connection.json<SessionView>("GET", address("/session"), undefined, true));
  }

  async logOut(): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address("/session"));
  }

  /** Say what the looking is for: it stands in the audit trail beside everything that is then viewed. */
  stateReason(reason: string): Promise<Outcome<SessionView>> {
    return this.connection.json("POST", address("/session/reason"), { reason });
  }

  /** Take another password; the other sessions of this user end. */
  changePassword(old: string, wanted: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("POST", address("/session/password"), { old, new: wanted });
  }

  /** The own second factor. */
  secondFactor(): Promise<Outcome<SecondFactor>> {
    return this.connection.json("GET", address("/session/second-factor"));
  }

  beginSecondFactor(password: string): Promise<Outcome<SecondFactorBegun>> {
    return this.connection.json("POST", address("/session/second-factor"), { password });
  }

  confirmSecondFactor(code: string): Promise<Outcome<RecoveryCodes>> {
    return this.connection.json("POST", address("/session/second-factor/confirm"), { code });
  }

  renewRecoveryCodes(code: string): Promise<Outcome<RecoveryCodes>> {
    return this.connection.json("POST", address("/session/second-factor/recovery-codes"), { code });
  }

  endSecondFactor(password: string, code: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("POST", address("/session/second-factor/end"), { password, code });
  }

  /** Where this user is logged in. */
  ownSessions(): Promise<Outcome<Page<SessionItem>>> {
    return this.connection.json("GET", address("/session/all"));
  }

  endSession(id: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address(`/session/all/${encodeURIComponent(id)}`));
  }
}
