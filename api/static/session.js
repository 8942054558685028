// Who you are to the API: the tokens of this tab, renewed before they expire.

import { ask } from "./client.js";
import { find, memory } from "./memory.js";

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

export class Session {
  constructor(onChange) {
    Object.assign(this, { onChange, renewal: null });
  }

  get token() { return memory.session.accessToken ?? ""; }

  get who() { return memory.session.who ?? ""; }

  // Takes the tokens of an answer, or a token pasted by hand, which cannot be renewed.
  use({ accessToken, accessExpiresAt = null, refreshToken = null, who = "" }) {
    memory.session = { accessToken, accessExpiresAt, refreshToken, who };
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

  async leave() {
    const headers = this.headers();
    memory.session = {};
    this.onChange();
    await ask({ query: DOCUMENTS.signOut }, headers);
  }

  headers() { return this.token ? { authorization: `Bearer ${this.token}` } : {}; }

  // Renews an access token that is about to expire; a refresh token counts once, so only one renewal runs at a time.
  async renewed({ isForced = false } = {}) {
    const { accessExpiresAt, refreshToken } = memory.session;
    if (!refreshToken) return false;
    if (!isForced && Date.parse(accessExpiresAt) - Date.now() > RENEW_BEFORE_MS) return false;
    this.renewal ??= this.renew(refreshToken).finally(() => { this.renewal = null; });
    return this.renewal;
  }

  async renew(token) {
    const { body } = await ask({ query: DOCUMENTS.refresh, variables: { token } }, {});
    const tokens = tokensIn(body.data);
    if (!tokens) {
      memory.session = {};
      this.onChange();
      return false;
    }
    this.use({ ...tokens, who: this.who });
    return true;
  }
}

export function tokensIn(data) {
  const accessToken = find(data, "accessToken");
  if (!accessToken) return null;
  return { accessToken, accessExpiresAt: find(data, "accessExpiresAt"), refreshToken: find(data, "refreshToken") };
}
