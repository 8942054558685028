// Asking the API: one request for queries and mutations, a graphql-transport-ws socket for subscriptions.

const MEDIA = "application/graphql-response+json, application/json;q=0.9";

export async function ask(body, headers, signal) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: MEDIA, ...headers },
    body: JSON.stringify(body),
    signal,
  });
  return { status: response.status, body: await response.json() };
}

// Calls `next` for every event and answers a function that stops; `end` is called once, with a reason or null.
export function watch(body, headers, { next, end }) {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  let isOver = false;
  const finish = (reason) => {
    if (isOver) return;
    isOver = true;
    socket.close(1000);
    end(reason);
  };
  socket.addEventListener("open", () => send({ type: "connection_init", payload: lowered(headers) }));
  socket.addEventListener("close", ({ code, reason }) => finish(`closed with ${code} ${reason}`));
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: body });
    if (message.type === "ping") send({ type: "pong" });
    if (message.type === "next") next(message.payload);
    if (message.type === "error") {
      next({ errors: message.payload });
      finish("refused");
    }
    if (message.type === "complete") finish(null);
  });
  return () => {
    if (socket.readyState === WebSocket.OPEN) send({ id: "1", type: "complete" });
    finish("stopped");
  };
}

function lowered(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
