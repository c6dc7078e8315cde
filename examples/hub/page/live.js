// Present state of the hub: fetched whole once a connection stands, then kept current by its events.

import { eventStream } from "./event_stream.js";

const FIRST_RETRY = 500;
const LAST_RETRY = 8_000;
/** Ended calls that the page still shows. */
const ENDED = 12;

/** Key of a call, queue or user. */
export function keyOf({ source, id }) {
  return `${source}\n${id}`;
}

/**
 * Present calls, queues, users, sources and receivers. Emits `change` at most once a frame, `call` for each
 * changed call (detail: the call), `ringing` for a call that begins to ring, and `status`.
 */
export class Live extends EventTarget {
  calls = new Map();
  queues = new Map();
  users = new Map();
  sources = new Map();
  /** Receivers of changes. */
  receivers = new Map();
  ended = [];
  /** One of `connecting`, `live` and `lost`. */
  status = "connecting";
  #api;
  #offset = 0;
  #frame = null;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** Microseconds since 1970 by the hub's clock. */
  now() {
    return (Date.now() + this.#offset) * 1000;
  }

  /** Follows the hub until the page is closed. */
  async run() {
    for (let retry = FIRST_RETRY; ; retry = Math.min(retry * 2, LAST_RETRY)) {
      try {
        await this.#follow(() => { retry = FIRST_RETRY; });
      } catch (error) {
        console.info(`event stream: ${error.message}`);
      }
      this.#setStatus("lost");
      // Jitter, so that the pages of a restarted hub do not all come back in the same moment.
      await new Promise((resolve) => setTimeout(resolve, retry * (0.5 + Math.random() / 2)));
    }
  }

  /** Name of a user or queue of a source; what is unknown is shown as sent. */
  name(kind, source, id) {
    return this[kind].get(keyOf({ source, id }))?.name || id;
  }

  async #follow(connected) {
    const abort = new AbortController();
    let sequence = -1;
    let early = [];
    // The stream begins with a `reset`. So the state is fetched once events are flowing, and events that it
    // already contains are skipped: the other way round, a change between the two requests would be missed.
    let isFetching = false;
    let isStale = false;
    const fetchState = async () => {
      isStale = true;
      if (isFetching) return;
      isFetching = true;
      sequence = -1;
      try {
        let fetched;
        while (isStale) {
          isStale = false;
          fetched = await this.#fetchState();
        }
        early.forEach((event) => { if (event.id > fetched) this.#apply(event); });
        early = [];
        sequence = fetched;
        connected();
        this.#setStatus("live");
      } catch (error) {
        abort.abort(error);
      } finally {
        isFetching = false;
      }
    };
    for await (const event of eventStream(this.#api, "api/events", abort)) {
      if (event.type === "reset") fetchState();
      else if (sequence < 0) early.push(event);
      else if (event.id > sequence) this.#apply(event);
    }
  }

  async #fetchState() {
    const response = await this.#api.request("api/state");
    const [state, sources, recent] = await Promise.all([
      response.json(), this.#api.json("api/sources"), this.#api.json(`api/calls?limit=${ENDED * 2}`),
    ]);
    const date = Date.parse(response.headers.get("date"));
    // The header counts whole seconds; a smaller difference is no difference.
    this.#offset = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    for (const [kind, list] of Object.entries({ calls: state.calls, queues: state.queues, users: state.users })) {
      this[kind] = new Map(list.map((item) => [keyOf(item), item]));
    }
    this.sources = new Map(sources.map((source) => [source.name, source]));
    this.receivers = new Map(state.receivers.map((receiver) => [receiver.name, receiver]));
    this.ended = latest(recent.calls.filter((call) => call.state === "ended"));
    this.#changed();
    return state.sequence;
  }

  #apply({ type, data }) {
    const item = JSON.parse(data);
    if (type === "call") this.#applyCall(item);
    else if (type === "queue") this.queues.set(keyOf(item), item);
    else if (type === "user") this.users.set(keyOf(item), item);
    else if (type === "source") this.sources.set(item.name, item);
    else if (type === "receiver") this.receivers.set(item.name, item);
    this.#changed();
  }

  #applyCall(call) {
    const before = this.calls.get(keyOf(call));
    if (call.state === "ended") {
      this.calls.delete(keyOf(call));
      const others = this.ended.filter((other) => keyOf(other) !== keyOf(call));
      this.ended = latest([call, ...others]);
    } else {
      this.calls.set(keyOf(call), call);
      if (call.state === "ringing" && before?.state !== "ringing") this.#emit("ringing", call);
    }
    this.#emit("call", call);
  }

  #changed() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#emit("change");
    });
  }

  #setStatus(status) {
    if (this.status === status) return;
    this.status = status;
    this.#emit("status");
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The calls that ended last, the latest first. */
function latest(calls) {
  return calls.sort((a, b) => (b.ended_at_us ?? 0) - (a.ended_at_us ?? 0)).slice(0, ENDED);
}
