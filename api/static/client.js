// Asking the API: one request for queries and mutations, a graphql-transport-ws socket for subscriptions.

const MEDIA = "application/graphql-response+json, application/json;q=0.9";
const RETRY_MS = [500, 1000, 2000, 4000];
const TOKEN_REFUSED = 4403;
const COMES_BACK = [4408, 4410];

export async function ask(body, headers, signal) {
  let response;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: MEDIA, ...headers },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error("The server does not answer.");
  }
  return { status: response.status, body: await response.json() };
}

// One subscription that outlives its connections: when one breaks, `ask` says what to ask next time.
//
// `ask()` answers {body, headers}; `next(result)` takes an event; `lost(milliseconds)` and `found()` tell of a broken
// connection and a new one; `renew()` answers whether there is another token; `end(reason)` is called once, with null for a
// proper end. What is unavailable for a moment, the server or what it needs, is asked for again.
export class Watching {
  constructor(calls) {
    Object.assign(this, { calls, attempts: 0, last: null, isOver: false, wasAcknowledged: false, socket: null, timer: null });
    this.connect();
  }

  async connect() {
    let asked;
    try {
      asked = await this.calls.ask();
    } catch {
      return this.retry();
    }
    if (this.isOver) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
    Object.assign(this, { socket, last: null });
    socket.addEventListener("open", () => this.send({ type: "connection_init", payload: lowered(asked.headers) }));
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.take(JSON.parse(data), asked.body));
    socket.addEventListener("close", (event) => socket === this.socket && this.closed(event));
  }

  send(message) { this.socket.send(JSON.stringify(message)); }

  take(message, body) {
    if (message.type === "connection_ack") {
      this.send({ id: "1", type: "subscribe", payload: body });
      if (this.wasAcknowledged) this.calls.found();
      this.wasAcknowledged = true;
    }
    if (message.type === "ping") this.send({ type: "pong" });
    if (message.type === "next") this.answered(message.payload);
    if (message.type === "error") {
      this.answered({ errors: message.payload });
      this.completed("refused");
    }
    if (message.type === "complete") this.completed(isFailure(this.last) ? "ended by an error" : null);
  }

  // That something is unavailable is told once, not at every attempt.
  answered(result) {
    const isPassing = passes(result);
    if (!isPassing || this.attempts === 0) this.calls.next(result);
    if (!isPassing) this.attempts = 0;
    this.last = result;
  }

  completed(reason) {
    if (passes(this.last)) this.retry();
    else this.finish(reason);
  }

  async closed({ code, reason }) {
    if (this.isOver) return;
    // Codes from 4400 on say that asking again in the same way is of no use, but for two: out of time, and read too slowly.
    const isFinal = code >= 4400 && !COMES_BACK.includes(code);
    if (isFinal && !(code === TOKEN_REFUSED && (await this.isRenewed()))) return this.finish(`closed with ${code} ${reason}`);
    this.retry();
  }

  // A renewal that broke off says nothing of the session; it comes again with the next connection.
  async isRenewed() {
    try {
      return await this.calls.renew();
    } catch {
      return true;
    }
  }

  retry() {
    if (this.isOver) return;
    this.hangUp();
    const pause = RETRY_MS[Math.min(this.attempts, RETRY_MS.length - 1)];
    this.attempts += 1;
    this.calls.lost(pause);
    this.timer = setTimeout(() => this.connect(), pause);
  }

  stop() {
    if (this.socket?.readyState === WebSocket.OPEN) this.send({ id: "1", type: "complete" });
    this.finish("stopped");
  }

  finish(reason) {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.hangUp();
    this.calls.end(reason);
  }

  // Whatever a socket that is given up still says is not heard.
  hangUp() {
    this.socket?.close(1000);
    this.socket = null;
  }
}

function isFailure(result) { return Boolean(result?.errors?.length) && !result.data; }

// Whether an answer says no more than that something is unavailable, which it may not be in a moment.
function passes(result) {
  return isFailure(result) && result.errors.every(({ extensions }) => extensions?.code === "UNAVAILABLE");
}

function lowered(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
