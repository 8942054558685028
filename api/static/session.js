// Who you are to the API: the tokens of this tab and of its duplicates, renewed before they expire.

import { ask } from "./client.js";
import { find, memory } from "./memory.js";
import { Siblings } from "./siblings.js";

const TOKENS = "tokens { accessToken accessExpiresAt refreshToken }";
const CREDENTIALS = "$email: String!, $password: String!";
const given = "input: { email: $email, password: $password }";
const DOCUMENTS = {
  signIn: `mutation SignIn(${CREDENTIALS}) { signIn(${given}) { ... on SignedIn { ${TOKENS} } ... on Refusal { message } } }`,
  signUp: `mutation SignUp(${CREDENTIALS}) { signUp(${given}) { ... on SignedUp { ${TOKENS} } ... on Refusal { message } } }`,
  refresh: `mutation Refresh($token: String!) { refreshSession(input: { refreshToken: $token }) {
    ... on SessionRefreshed { ${TOKENS} } ... on Refusal { message } } }`,
  signOut: "mutation SignOut { signOut { sessionId } }",
  me: "query Me { me { user { email } role } }",
};
const RENEW_BEFORE_MS = 60_000;
// Longer than any operation runs: a renewal given up too early is a token spent for nothing, one that hangs stops all tabs.
const RENEWAL_MS_MAX = 60_000;

export class Session {
  constructor(onChange) {
    Object.assign(this, { onChange, renewal: null, siblings: new Siblings((session) => this.use(session)) });
  }

  get token() { return memory.session.accessToken ?? ""; }

  get who() { return memory.session.who ?? ""; }

  get isRunningOut() { return !(Date.parse(memory.session.accessExpiresAt) - Date.now() > RENEW_BEFORE_MS); }

  // Takes the tokens of an answer, or a token pasted by hand, which cannot be renewed. `turn` counts the renewals of a sign-in.
  use({ accessToken, accessExpiresAt = null, refreshToken = null, who = "", signIn = newSignIn(), turn = 0 }) {
    memory.session = { accessToken, accessExpiresAt, refreshToken, who, signIn, turn };
    this.onChange();
  }

  forget() {
    memory.session = {};
    this.onChange();
  }

  async enter(kind, email, password) {
    const { body } = await ask({ query: DOCUMENTS[kind], variables: { email, password } }, {});
    const tokens = tokensIn(body.data);
    if (!tokens) throw new Error(find(body, "message") ?? "That was not answered.");
    this.use({ ...tokens, who: email });
  }

  // Looks up whose token it is; a token that counts for nobody is said to.
  async recognise() {
    const { body } = await ask({ query: DOCUMENTS.me }, this.headers());
    const email = find(body.data, "email");
    this.use({ ...memory.session, who: email ?? "a token that does not count" });
  }

  // Signs out on the server, too, which a token that has run out could not: it is renewed first, whatever the clock here says.
  async leave() {
    await this.renewed({ isForced: true });
    if (!this.token) return;
    const { body } = await ask({ query: DOCUMENTS.signOut }, this.headers());
    const [trouble] = body.errors ?? [];
    // A token that counts for nobody has nothing left to end; after any other trouble one can try again.
    if (!trouble || trouble.extensions?.code === "UNAUTHENTICATED") this.forget();
    if (trouble) throw new Error(trouble.message);
  }

  headers() { return this.token ? { authorization: `Bearer ${this.token}` } : {}; }

  // Renews an access token that is about to expire; answers whether there is a new one, and raises where that cannot be told.
  async renewed({ isForced = false } = {}) {
    const { refreshToken } = memory.session;
    if (!refreshToken || !(isForced || this.isRunningOut)) return false;
    this.renewal ??= this.siblings.alone(() => this.renew(refreshToken)).finally(() => { this.renewal = null; });
    return this.renewal;
  }

  async renew(token) {
    await this.siblings.ask();
    const { refreshToken, who, signIn, turn = 0 } = memory.session;
    // Another tab was faster, or somebody has signed out or in meanwhile.
    if (refreshToken !== token && !this.isRunningOut) return true;
    if (!refreshToken) return false;
    const tokens = await exchanged(refreshToken);
    if (!tokens) {
      this.forget();
      return false;
    }
    this.use({ ...tokens, who, signIn, turn: turn + 1 });
    this.siblings.tell();
    return true;
  }
}

// The next pair, or null where the refresh token counts no more; a failure that passes says nothing of that.
async function exchanged(token) {
  const signal = AbortSignal.timeout(RENEWAL_MS_MAX);
  const { body } = await ask({ query: DOCUMENTS.refresh, variables: { token } }, {}, signal);
  if (!body.data?.refreshSession) throw new Error(find(body, "message") ?? "The session could not be renewed.");
  return tokensIn(body.data);
}

function newSignIn() { return crypto.getRandomValues(new Uint32Array(4)).join("-"); }

export function tokensIn(data) {
  const accessToken = find(data, "accessToken");
  if (!accessToken) return null;
  return { accessToken, accessExpiresAt: find(data, "accessExpiresAt"), refreshToken: find(data, "refreshToken") };
}
