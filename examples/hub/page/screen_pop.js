// Screen pop: who is calling, as soon as a call rings, without taking the keyboard away.

import { byId, element, setText } from "./dom.js";
import { customer, label, shortTime } from "./format.js";
import { keyOf } from "./live.js";
import { placeOf } from "./now_view.js";
import { showSince } from "./since.js";

/** Milliseconds between two spoken announcements; calls in between are counted in the next one. */
const QUIET = 6_000;

/** Card of the newest ringing inbound call for the chosen person, or for everybody. */
export class ScreenPop {
  #api;
  #live;
  #actions;
  #dismissed = new Set();
  #shown = null;
  #unspoken = [];
  #lastSpoken = -QUIET;

  constructor(api, live, actions) {
    this.#api = api;
    this.#live = live;
    this.#actions = actions;
    byId("me").addEventListener("change", () => {
      localStorage.setItem("me", byId("me").value);
      this.#render();
    });
    byId("pop").addEventListener("keydown", (event) => { if (event.key === "Escape") this.#dismiss(); });
    live.addEventListener("ringing", ({ detail }) => { if (this.#isWanted(detail)) this.#unspoken.push(detail); });
    live.addEventListener("change", () => {
      this.#renderPeople();
      this.#render();
    });
    setInterval(() => this.#speak(), 1000);
  }

  #isWanted(call) {
    const me = localStorage.getItem("me") ?? "everybody";
    if (call.state !== "ringing" || call.direction === "outbound" || me === "nobody") return false;
    return me === "everybody" || call.rang.some((id) => keyOf({ source: call.source, id }) === me);
  }

  #render() {
    for (const key of this.#dismissed) if (!this.#live.calls.has(key)) this.#dismissed.delete(key);
    const ringing = [...this.#live.calls.values()].filter((call) => this.#isWanted(call) && !this.#dismissed.has(keyOf(call)));
    // The card stays with its call until that stops ringing: it must not change under somebody's pointer.
    const call = ringing.find((each) => keyOf(each) === this.#shown) ?? ringing.sort((a, b) => b.started_at_us - a.started_at_us)[0];
    const pop = byId("pop");
    if (!call) {
      pop.hidden = true;
      pop.replaceChildren();
      this.#shown = null;
    } else {
      if (keyOf(call) !== this.#shown) this.#open(call);
      pop.firstElementChild.update(call, ringing.length - 1);
    }
  }

  #open(call) {
    this.#shown = keyOf(call);
    byId("pop").replaceChildren(this.#card(call));
    byId("pop").hidden = false;
    this.#loadHistory(call);
  }

  #card(call) {
    const [place, others, time] = [element("p", { class: "place" }), element("p", { class: "muted" }), element("span", { class: "time" })];
    const node = element("div", { class: "pop-card", "data-call": call.id },
      element("div", { class: "line" }, element("span", { class: "kicker" }, "Ringing"), time,
        element("button", { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => this.#dismiss() }, "✕")),
      element("h2", {}, customer(call)),
      element("p", { class: "number" }, [call.customer_name ? call.customer : null, call.source].filter(Boolean).join(" · ")),
      place,
      element("div", { class: "history" }),
      element("div", { class: "actions" },
        element("a", { class: "button", href: `#/calls/${encodeURIComponent(call.source)}/${encodeURIComponent(call.id)}` }, "Open call"),
        call.customer ? element("a", { class: "button", href: `#/calls?search=${encodeURIComponent(call.customer)}` }, "All calls") : null,
        this.#live.sources.get(call.source)?.can_hang_up ? element("button", { type: "button", class: "danger", onclick: () => this.#actions.hangUp(call) }, "Hang up") : null),
      others);
    node.update = (current, more) => {
      setText(place, placeOf(this.#live, current));
      showSince(time, current.started_at_us, this.#live.now());
      setText(others, more > 0 ? `${more} more ringing` : "");
    };
    return node;
  }

  /** Earlier calls of the same number: what somebody wants to know before picking up. */
  async #loadHistory(call) {
    if (!call.customer) return;
    const key = keyOf(call);
    try {
      const { calls } = await this.#api.json(`api/calls?${new URLSearchParams({ search: call.customer, limit: 4 })}`);
      const earlier = calls.filter((each) => keyOf(each) !== key && each.state === "ended").slice(0, 3);
      if (key !== this.#shown) return;
      const person = (each) => (each.answered_by ? `, ${this.#live.name("users", each.source, each.answered_by)}` : "");
      const list = earlier.map((each) => element("li", {}, `${shortTime(each.started_at_us)}: ${label(each.outcome ?? "unknown").toLowerCase()}${person(each)}`));
      byId("pop").querySelector(".history").replaceChildren(element("h3", {}, earlier.length > 0 ? "Earlier calls" : "First call from this number"), element("ul", {}, ...list));
    } catch {
      // The card is useful without its history.
    }
  }

  #dismiss() {
    if (this.#shown) this.#dismissed.add(this.#shown);
    this.#shown = null;
    const hadFocus = byId("pop").contains(document.activeElement);
    this.#render();
    if (hadFocus && byId("pop").hidden) byId("main").focus();
  }

  #speak() {
    const calls = this.#unspoken.filter((call) => this.#live.calls.get(keyOf(call))?.state === "ringing");
    if (calls.length === 0 || performance.now() - this.#lastSpoken < QUIET) return;
    this.#unspoken = [];
    this.#lastSpoken = performance.now();
    const newest = calls.at(-1);
    const others = calls.length > 1 ? `, and ${calls.length - 1} more calls` : "";
    setText(byId("announcer"), `Ringing: ${customer(newest)}, ${placeOf(this.#live, newest)}${others}`);
  }

  #renderPeople() {
    const select = byId("me");
    const users = [...this.#live.users.values()].sort((a, b) => a.name.localeCompare(b.name));
    const key = users.map((user) => `${keyOf(user)} ${user.name}`).join("|");
    if (select.dataset.users === key) return;
    select.dataset.users = key;
    select.replaceChildren(
      element("option", { value: "everybody" }, "for everybody"), element("option", { value: "nobody" }, "off"),
      element("optgroup", { label: "Only calls that ring at" }, ...users.map((user) => element("option", { value: keyOf(user) }, `${user.name} (${user.source})`))));
    select.value = localStorage.getItem("me") ?? "everybody";
    if (select.selectedIndex < 0) select.value = "everybody";
  }
}
