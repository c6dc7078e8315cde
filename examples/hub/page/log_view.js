// Call log: search, filters, older pages and CSV export. The filters live in the page's address.

import { callPath } from "./api.js";
import { byId, element, reconcile, setText } from "./dom.js";
import { customer, duration, label, shortTime } from "./format.js";
import { keyOf } from "./live.js";

const PAGE = 100;
/** Rows after which older calls are no longer appended: a search serves better then. */
const ROWS = 2000;
const OUTCOMES = ["answered", "missed", "abandoned", "voicemail", "busy", "failed", "unknown"];
const FILTERS = ["search", "source", "outcome", "from", "to"];

/** View of the calls in the store. */
export class LogView {
  #api;
  #live;
  #actions;
  #rows = [];
  #next = null;
  #filters = new URLSearchParams();
  #request = 0;

  constructor(api, live, actions) {
    this.#api = api;
    this.#live = live;
    this.#actions = actions;
    const form = byId("filters");
    form.elements.outcome.append(...OUTCOMES.map((outcome) => element("option", { value: outcome }, label(outcome))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
    form.addEventListener("change", (event) => { if (event.target.name !== "search") this.#go(); });
    byId("older").addEventListener("click", () => this.#load(this.#next));
    byId("csv").addEventListener("click", () => this.#export());
    live.addEventListener("call", ({ detail }) => this.#update(detail));
    live.addEventListener("change", () => this.#renderSources());
    // Names of people and queues come with the state, which may arrive after the rows; a restart may have missed changes.
    live.addEventListener("status", () => { if (live.status === "live" && !byId("calls").hidden) this.#load(null); });
  }

  title() {
    return "Call log";
  }

  show(_path, parameters) {
    this.#filters = parameters;
    this.#renderSources();
    for (const name of FILTERS) byId("filters").elements[name].value = parameters.get(name) ?? "";
    byId("back").href = location.hash;
    this.#load(null);
  }

  #go() {
    const filled = [...new FormData(byId("filters"))].filter(([, value]) => value !== "");
    const query = new URLSearchParams(filled).toString();
    const hash = query ? `#/calls?${query}` : "#/calls";
    if (location.hash === hash) this.#load(null);
    else location.hash = hash;
  }

  /** Filters as the API takes them: days become the moments at which they begin and end here. */
  #query() {
    const query = new URLSearchParams();
    for (const name of ["search", "source", "outcome"]) if (this.#filters.get(name)) query.set(name, this.#filters.get(name));
    const midnight = (day, later) => {
      const [year, month, date] = day.split("-").map(Number);
      return String(new Date(year, month - 1, date + later).getTime() * 1000);
    };
    if (this.#filters.get("from")) query.set("from", midnight(this.#filters.get("from"), 0));
    if (this.#filters.get("to")) query.set("to", midnight(this.#filters.get("to"), 1));
    return query;
  }

  async #load(before) {
    const request = ++this.#request;
    const query = this.#query();
    query.set("limit", PAGE);
    if (before) query.set("before", before);
    try {
      const { calls, next } = await this.#api.json(`api/calls?${query}`);
      // A later search may have been answered first.
      if (request !== this.#request) return;
      this.#rows = before ? [...this.#rows, ...calls] : calls;
      this.#next = next ?? null;
      this.#render();
    } catch (error) {
      if (request === this.#request) setText(byId("log-status"), `The log could not be read: ${error.message}`);
    }
  }

  #render() {
    reconcile(byId("log-rows"), this.#rows, keyOf, () => logRow(this.#live, this.#actions));
    const isFull = this.#rows.length >= ROWS;
    byId("older").hidden = this.#next === null || isFull;
    const more = this.#next === null ? "" : isFull ? "; search for older ones" : ", and older ones";
    setText(byId("log-status"), this.#rows.length === 0 ? "No call found." : `${this.#rows.length} calls${more}.`);
  }

  /** Shows the present content of a call that stands in the list. New calls do not push rows about while somebody reads. */
  #update(call) {
    if (byId("calls").hidden) return;
    const index = this.#rows.findIndex((row) => keyOf(row) === keyOf(call));
    if (index < 0) return;
    this.#rows[index] = call;
    document.querySelector(`#log-rows > [data-key="${CSS.escape(keyOf(call))}"]`)?.update(call);
  }

  #renderSources() {
    const select = byId("filters").elements.source;
    const names = [...this.#live.sources.keys()].sort();
    if (select.options.length === names.length + 1) return;
    select.replaceChildren(element("option", { value: "" }, "All"), ...names.map((name) => element("option", { value: name }, name)));
    select.value = this.#filters.get("source") ?? "";
  }

  async #export() {
    setText(byId("log-status"), "Preparing the export…");
    try {
      // A link could not carry the bearer token, hence fetch.
      const response = await this.#api.request(`api/calls.csv?${this.#query()}`);
      const address = URL.createObjectURL(await response.blob());
      element("a", { href: address, download: "calls.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setText(byId("log-status"), "Exported to calls.csv.");
    } catch (error) {
      setText(byId("log-status"), `The export failed: ${error.message}`);
    }
  }
}

function logRow(live, actions) {
  const cells = Array.from({ length: 10 }, () => element("td"));
  const [started, direction, who, called, person, wait, talk, outcome, source, buttons] = cells;
  for (const cell of [wait, talk]) cell.className = "number";
  buttons.className = "buttons";
  const link = element("a", { class: "name" });
  const number = element("span", { class: "muted" });
  who.append(link, " ", number);
  const pill = element("span", { class: "outcome" });
  outcome.append(pill);
  const back = element("button", { type: "button", class: "quiet" }, "Call");
  buttons.append(back);
  const node = element("tr", {}, ...cells);
  back.addEventListener("click", () => actions.dial(node.call));
  node.update = (call) => {
    node.call = call;
    node.dataset.call = call.id;
    setText(started, shortTime(call.started_at_us));
    setText(direction, label(call.direction));
    setText(link, customer(call));
    link.href = `#/${callPath(call).slice("api/".length)}`;
    setText(number, call.customer_name ? call.customer : "");
    setText(called, call.queue ? live.name("queues", call.source, call.queue) : call.called_number ?? "");
    const by = call.answered_by ?? call.placed_by;
    setText(person, by ? live.name("users", call.source, by) : "");
    setText(wait, duration(call.wait_us));
    setText(talk, duration(call.talk_us));
    const result = call.state === "ended" ? call.outcome ?? "unknown" : call.state;
    pill.dataset.outcome = result;
    setText(pill, label(result));
    setText(source, call.source);
    back.hidden = !actions.canDial() || !call.customer;
    back.setAttribute("aria-label", `Call ${customer(call)}`);
  };
  return node;
}
