// Wallboard: present calls in three lanes, queues, people, and the calls that ended last.

import { byId, element, reconcile, setText } from "./dom.js";
import { customer, duration, label, shortTime } from "./format.js";
import { keyOf } from "./live.js";
import { showSince } from "./since.js";

/** Cards a lane shows; a screen with more is no longer readable. */
const CARDS = 60;
const LANES = { ringing: ["ringing"], waiting: ["waiting"], talking: ["talking", "held"] };
const USER_ORDER = ["free", "ringing", "busy", "away"];

/** View that mirrors `live`. */
export class NowView {
  #live;
  #actions;

  constructor(live, actions) {
    this.#live = live;
    this.#actions = actions;
    live.addEventListener("change", () => this.#render());
  }

  title() {
    return "Now";
  }

  show() {
    this.#render();
  }

  #render() {
    if (byId("now").hidden) return;
    const calls = [...this.#live.calls.values()].sort((a, b) => a.started_at_us - b.started_at_us);
    for (const [lane, states] of Object.entries(LANES)) {
      this.#renderLane(lane, calls.filter((call) => states.includes(call.state)));
    }
    this.#renderQueues();
    this.#renderUsers();
    reconcile(byId("ended"), this.#live.ended, keyOf, () => endedItem());
    this.#renderFigures(calls);
  }

  #renderLane(lane, calls) {
    setText(document.querySelector(`[data-count="${lane}"]`), String(calls.length));
    reconcile(document.querySelector(`[data-lane="${lane}"]`), calls.slice(0, CARDS), keyOf, () => callCard(this.#live, this.#actions));
    const more = document.querySelector(`[data-more="${lane}"]`);
    more.hidden = calls.length <= CARDS;
    setText(more, `and ${calls.length - CARDS} more`);
  }

  #renderQueues() {
    const queues = [...this.#live.queues.values()].sort((a, b) => a.name.localeCompare(b.name));
    reconcile(byId("queues"), queues, keyOf, () => queueItem(this.#live));
  }

  #renderUsers() {
    const users = [...this.#live.users.values()];
    const present = users.filter((user) => user.state !== "offline").sort((a, b) => a.name.localeCompare(b.name) || keyOf(a).localeCompare(keyOf(b)));
    reconcile(byId("users"), present, keyOf, () => userItem(this.#live));
    setText(byId("users-count"), `${users.filter((user) => user.state === "free").length} free`);
    const offline = users.length - present.length;
    byId("users-offline").hidden = offline === 0;
    setText(byId("users-offline"), `${offline} offline`);
  }

  #renderFigures(calls) {
    const count = (...states) => calls.filter((call) => states.includes(call.state)).length;
    const waits = [...this.#live.queues.values()].flatMap((queue) => queue.waiting.map((entry) => entry.since_us));
    const users = [...this.#live.users.values()];
    const figures = [
      { name: "Ringing", tone: "ringing", value: count("ringing") },
      { name: "Waiting", tone: "waiting", value: count("waiting") },
      { name: "Longest wait", tone: "waiting", since: waits.length > 0 ? Math.min(...waits) : null, value: "–" },
      { name: "In conversation", tone: "talking", value: count("talking", "held") },
      ...USER_ORDER.filter((state) => state === "free" || state === "busy")
        .map((state) => ({ name: `People ${state}`, tone: state, value: users.filter((user) => user.state === state).length })),
    ];
    reconcile(byId("figures"), figures, (figure) => figure.name, () => figureItem(() => this.#live.now()));
  }
}

/** Figure with its name, used by the wallboard and the day. */
export function figureItem(now = Date.now) {
  const [name, value] = [element("dt"), element("dd")];
  const node = element("div", {}, name, value);
  node.update = (figure) => {
    node.className = figure.tone ?? "";
    setText(name, figure.name);
    showSince(value, figure.since, now(), figure.value);
  };
  return node;
}

function callCard(live, actions) {
  const name = element("a", { class: "name" });
  const [time, number, place, state] = [element("span", { class: "time" }), element("p", { class: "number" }), element("p", { class: "place" }), element("span", { class: "state" })];
  const hangUp = element("button", { type: "button", class: "quiet danger" }, "Hang up");
  const direction = element("span", { class: "direction" });
  const node = element("li", { class: "card" },
    element("div", { class: "line" }, direction, name, state, time), number,
    element("div", { class: "line" }, place, hangUp));
  hangUp.addEventListener("click", () => actions.hangUp(node.call));
  node.update = (call) => {
    node.call = call;
    node.dataset.state = call.state;
    node.dataset.call = call.id;
    setText(name, customer(call));
    name.href = `#/calls/${encodeURIComponent(call.source)}/${encodeURIComponent(call.id)}`;
    direction.dataset.direction = call.direction;
    direction.title = label(call.direction);
    if (!direction.firstChild) direction.append(element("span", { class: "visually-hidden" }));
    setText(direction.firstChild, label(call.direction));
    setText(state, call.state === "held" ? label("held") : "");
    setText(number, [call.customer_name ? call.customer : null, call.source].filter(Boolean).join(" · "));
    setText(place, placeOf(live, call));
    const begin = call.state === "talking" || call.state === "held" ? call.answered_at_us : null;
    showSince(time, begin ?? call.started_at_us, live.now());
    hangUp.hidden = !live.sources.get(call.source)?.can_hang_up;
    hangUp.setAttribute("aria-label", `Hang up ${customer(call)}`);
  };
  return node;
}

/** Queue and people of a call in one line. */
export function placeOf(live, call) {
  const person = (id) => live.name("users", call.source, id);
  const queue = call.queue ? live.name("queues", call.source, call.queue) : null;
  let people = null;
  if (call.answered_by) people = person(call.answered_by);
  else if (call.state === "ringing" && call.rang.length > 0) people = `rings ${few(call.rang.map(person))}`;
  else if (call.placed_by) people = `from ${person(call.placed_by)}`;
  return [queue, people].filter(Boolean).join(" · ") || call.called_number || "";
}

function few(names) {
  return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}

function queueItem(live) {
  const [name, waiting, agents, longest] = [element("span", { class: "name" }), element("span", { class: "waiting-count" }), element("span", { class: "agents" }), element("span", { class: "time" })];
  const node = element("li", {}, name, waiting, longest, agents);
  node.update = (queue) => {
    const first = queue.waiting.reduce((least, entry) => Math.min(least, entry.since_us), Infinity);
    node.dataset.waiting = queue.waiting.length > 0;
    node.title = queue.source;
    setText(name, queue.name);
    setText(waiting, `${queue.waiting.length} waiting`);
    showSince(longest, Number.isFinite(first) ? first : null, live.now());
    // Some sources do not say who is in a queue.
    setText(agents, queue.agents > 0 ? `${queue.free} of ${queue.agents} free` : "");
  };
  return node;
}

function userItem(live) {
  const [name, state, source] = [element("span", { class: "name" }), element("span", { class: "state" }), element("span", { class: "source" })];
  const node = element("li", {}, name, state, source);
  node.update = (user) => {
    node.dataset.state = user.state;
    node.title = `${user.id}, ${user.source}`;
    setText(name, user.name);
    setText(state, label(user.state));
    // Several PBXs may know a person of the same name.
    setText(source, live.sources.size > 1 ? ` · ${user.source}` : "");
  };
  return node;
}

function endedItem() {
  const [time, name, outcome, talk] = [element("time"), element("a", { class: "name" }), element("span", { class: "outcome" }), element("span", { class: "time" })];
  const node = element("li", {}, time, name, outcome, talk);
  node.update = (call) => {
    node.dataset.call = call.id;
    setText(time, shortTime(call.ended_at_us ?? call.started_at_us));
    setText(name, customer(call));
    name.href = `#/calls/${encodeURIComponent(call.source)}/${encodeURIComponent(call.id)}`;
    outcome.dataset.outcome = call.outcome ?? "unknown";
    setText(outcome, label(call.outcome ?? "unknown"));
    setText(talk, call.talk_us ? duration(call.talk_us) : "");
  };
  return node;
}
