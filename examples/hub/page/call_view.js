// One call: its picture, facts and steps, kept current while it goes on.

import { callPath } from "./api.js";
import { byId, element, reconcile, setText } from "./dom.js";
import { customer, duration, fullTime, label, timeOfDay } from "./format.js";
import { keyOf } from "./live.js";
import { drawTimeline } from "./timeline.js";

/** View of a call of the store. */
export class CallView {
  #api;
  #live;
  #actions;
  #call = null;
  #wanted = null;

  constructor(api, live, actions) {
    this.#api = api;
    this.#live = live;
    this.#actions = actions;
    live.addEventListener("call", ({ detail }) => { if (keyOf(detail) === this.#wanted) this.#render(detail); });
    live.addEventListener("status", () => { if (live.status === "live" && this.#wanted && !byId("call").hidden) this.#load(); });
    setInterval(() => { if (this.#call && this.#call.state !== "ended" && !byId("call").hidden) this.#draw(); }, 1000);
  }

  title() {
    return this.#call ? `Call with ${customer(this.#call)}` : "Call";
  }

  show([source, id]) {
    const key = keyOf({ source, id });
    if (key !== this.#wanted) {
      this.#call = null;
      byId("call-body").hidden = true;
      byId("call-actions").replaceChildren();
      setText(byId("call-title"), "Call");
    }
    this.#wanted = key;
    this.#load();
  }

  async #load() {
    const wanted = this.#wanted;
    const [source, id] = wanted.split("\n");
    try {
      const call = await this.#api.json(callPath({ source, id }));
      if (wanted === this.#wanted) this.#render(call);
    } catch (error) {
      const text = error.status === 404 ? "There is no such call." : `The call could not be read: ${error.message}`;
      if (wanted === this.#wanted) setText(byId("call-status"), text);
    }
  }

  #render(call) {
    const isNew = this.#call === null;
    this.#call = call;
    setText(byId("call-title"), customer(call));
    if (isNew && !byId("call").hidden) document.title = `${this.title()} · Hub`;
    const result = call.state === "ended" ? call.outcome ?? "unknown" : call.state;
    setText(byId("call-status"), `${label(call.direction)} call, ${label(result).toLowerCase()}${call.has_gap ? "; part of it happened while the source was disconnected" : ""}`);
    byId("call-body").hidden = false;
    this.#renderActions(call);
    this.#renderFacts(call);
    this.#renderSteps(call);
    this.#draw();
  }

  #draw() {
    byId("timeline").replaceChildren(drawTimeline(this.#call, this.#live.now(), (id) => this.#name(id)));
  }

  #renderActions(call) {
    const buttons = [];
    if (call.state !== "ended" && this.#live.sources.get(call.source)?.can_hang_up) buttons.push({ name: "Hang up", class: "danger", run: () => this.#actions.hangUp(this.#call) });
    if (call.customer && this.#actions.canDial()) buttons.push({ name: "Call back", class: "primary", run: () => this.#actions.dial(this.#call) });
    reconcile(byId("call-actions"), buttons, (button) => button.name, (button) => {
      const node = element("button", { type: "button", class: button.class, onclick: button.run }, button.name);
      node.update = () => {};
      return node;
    });
  }

  #renderFacts(call) {
    const person = (id) => (id ? this.#live.name("users", call.source, id) : null);
    const facts = [
      ["Customer", call.customer], ["Called number", call.called_number],
      ["Queue", call.queue ? this.#live.name("queues", call.source, call.queue) : null],
      ["Answered by", person(call.answered_by)], ["Placed by", person(call.placed_by)],
      ["Rang", call.rang.map(person).join(", ")],
      ["Started", fullTime(call.started_at_us)], ["Ended", call.ended_at_us ? fullTime(call.ended_at_us) : null],
      ["Wait", call.wait_us === undefined || call.wait_us === null ? null : duration(call.wait_us)],
      ["Talk", call.talk_us === undefined || call.talk_us === null ? null : duration(call.talk_us)],
      ["Recording", call.recording, /^https?:/.test(call.recording ?? "")], ["Source", call.source], ["Call ID", call.id],
    ].filter(([, value]) => value);
    reconcile(byId("facts"), facts, ([name]) => name, () => {
      const [name, value] = [element("dt"), element("dd")];
      const node = element("div", {}, name, value);
      node.update = (fact) => {
        const [title, text, isLink] = fact;
        setText(name, title);
        if (!isLink) setText(value, text);
        else if (value.textContent !== text) value.replaceChildren(element("a", { href: text, target: "_blank", rel: "noreferrer" }, text));
      };
      return node;
    });
  }

  #renderSteps(call) {
    const rows = call.steps.map((step, index) => ({ ...step, index }));
    reconcile(byId("steps"), rows, (row) => String(row.index), () => {
      const cells = Array.from({ length: 4 }, () => element("td"));
      cells[1].className = "number";
      const node = element("tr", {}, ...cells);
      node.update = (step) => {
        const texts = [timeOfDay(step.at_us), duration(step.at_us - call.started_at_us), label(step.kind), step.who ? this.#name(step.who) : ""];
        texts.forEach((text, index) => setText(cells[index], text));
      };
      return node;
    });
  }

  /** Name of a step's queue or person. */
  #name(id) {
    const { source } = this.#call;
    const user = this.#live.name("users", source, id);
    return user === id ? this.#live.name("queues", source, id) : user;
  }
}
