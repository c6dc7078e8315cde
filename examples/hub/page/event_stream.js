// Server-sent events read with fetch: unlike `EventSource`, it can send the bearer token.

/** Milliseconds without a byte after which a connection counts as dead; the hub sends a comment every 15 s. */
const SILENCE = 40_000;

/** Events `{ type, id, data }` of one connection, until it ends or `abort`, an `AbortController`, is used. */
export async function* eventStream(api, path, abort) {
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error("the hub went silent")), SILENCE);
  };
  try {
    alive();
    const response = await api.request(path, { headers: { accept: "text/event-stream" }, signal: abort.signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      yield* parse(lines, (unfinished) => { rest = unfinished + rest; });
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** Events of complete blocks; the lines of the last, unfinished block are handed to `keep`. */
function* parse(lines, keep) {
  let event = { type: "message", id: null, data: "" };
  let begin = 0;
  for (const [index, line] of lines.entries()) {
    const [field, ...more] = line.replace(/\r$/, "").split(":");
    const value = more.join(":").replace(/^ /, "");
    if (field === "event") event.type = value;
    else if (field === "id") event.id = Number(value);
    else if (field === "data") event.data += event.data ? `\n${value}` : value;
    else if (field === "" && more.length === 0) {
      if (event.data) yield event;
      event = { type: "message", id: null, data: "" };
      begin = index + 1;
    }
  }
  keep(lines.slice(begin).map((line) => `${line}\n`).join(""));
}
