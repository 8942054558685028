// The tabs of one sign-in, as a duplicated tab is one. A refresh token counts once, so they renew one at a time and share
// the newest pair, over a channel that reaches this site's open tabs alone: no token comes to lie on a disk.

import { memory } from "./memory.js";

const ANSWER_MS = 200;

export class Siblings {
  // `take(session)` is called with a session that is ahead of this tab's.
  constructor(take) {
    Object.assign(this, { take, answered: () => {}, channel: new BroadcastChannel("lab.session") });
    this.channel.addEventListener("message", ({ data }) => this.heard(data));
  }

  // Runs `renew` while no other tab does; browsers know such locks on https and localhost alone.
  alone(renew) { return navigator.locks ? navigator.locks.request(`lab.renewal.${memory.session.signIn}`, renew) : renew(); }

  tell() { this.channel.postMessage(memory.session); }

  // Asks whether a sibling is ahead. A tab that was asleep may have missed what was told; one that says nothing has nothing.
  ask() {
    const { signIn, turn } = memory.session;
    this.channel.postMessage({ signIn, turn });
    return new Promise((resolve) => {
      this.answered = resolve;
      setTimeout(resolve, ANSWER_MS);
    });
  }

  heard(told) {
    const { signIn, turn } = memory.session;
    if (!signIn || told.signIn !== signIn) return;
    if (told.turn < turn) this.tell();
    if (told.turn > turn && told.accessToken) {
      this.take(told);
      this.answered();
    }
  }
}
