import { address } from "./address";
import { Calls } from "./connection";
import type { KeyRequest, KeyView, NewKey, Page, UserChange, UserDetail, UserRequest } from "./facts";
import type { Outcome } from "./outcome";

/** Users, and the keys of machines. */
export class UserCalls extends Calls {
  /** Everybody whom the asker may administer. */
  all(): Promise<Outcome<Page<UserDetail>>> {
    return this.connection.json("GET", address("/users"));
  }

  add(asked: UserRequest): Promise<Outcome<UserDetail>> {
    return this.connection.json("POST", address("/users"), asked);
  }

  /** Change a user, whose sessions end. */
  change(id: string, asked: UserChange): Promise<Outcome<UserDetail>> {
    return this.connection.json("PATCH", address(`/users/${encodeURIComponent(id)}`), asked);
  }

  endSessionsOf(id: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address(`/users/${encodeURIComponent(id)}/sessions`));
  }

  resetSecondFactorOf(id: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address(`/users/${encodeURIComponent(id)}/second-factor`));
  }

  /** The keys of machines. */
  keys(): Promise<Outcome<Page<KeyView>>> {
    return this.connection.json("GET", address("/keys"));
  }

  /** Make a key, which is told this once. */
  addKey(asked: KeyRequest): Promise<Outcome<NewKey>> {
    return this.connection.json("POST", address("/keys"), asked);
  }

  removeKey(key: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address(`/keys/${encodeURIComponent(key)}`));
  }
}
