// One day in figures: calls by hour and how long they waited.

import { hourName, rangeBars, stackedBars } from "./chart.js";
import { byId, element, reconcile, setText } from "./dom.js";
import { duration, localDay } from "./format.js";
import { figureItem } from "./now_view.js";

const SERIES = [
  { name: "Answered", class: "answered", value: (hour) => hour.answered },
  { name: "Missed", class: "missed", value: (hour) => hour.missed },
  { name: "Other", class: "other", value: (hour) => hour.other },
];
/** Milliseconds between two looks at a day that is still going on. */
const REFRESH = 5_000;

/** View of one day in the reader's time zone. */
export class DayView {
  #api;
  #date = localDay(new Date());
  #stale = false;

  constructor(api, live) {
    this.#api = api;
    byId("day-date").addEventListener("change", () => { if (byId("day-date").value) this.#go(byId("day-date").value); });
    byId("day-before").addEventListener("click", () => this.#step(-1));
    byId("day-after").addEventListener("click", () => this.#step(1));
    live.addEventListener("call", ({ detail }) => { if (detail.state === "ended") this.#stale = true; });
    setInterval(() => { if (this.#stale && !byId("day").hidden && this.#date === localDay(new Date())) this.#load(); }, REFRESH);
  }

  title() {
    return `Day ${this.#date}`;
  }

  show(_path, parameters) {
    this.#date = parameters.get("date") ?? localDay(new Date());
    byId("day-date").value = this.#date;
    this.#load();
  }

  #step(days) {
    const [year, month, day] = this.#date.split("-").map(Number);
    this.#go(localDay(new Date(year, month - 1, day + days)));
  }

  #go(date) {
    location.hash = `#/day?date=${date}`;
  }

  async #load() {
    this.#stale = false;
    const date = this.#date;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    try {
      const { hours } = await this.#api.json(`api/day?${new URLSearchParams({ date, zone })}`);
      if (date === this.#date) this.#render(hours);
      setText(byId("day-status"), "");
    } catch (error) {
      setText(byId("day-status"), `The day could not be read: ${error.message}`);
    }
  }

  #render(hours) {
    const total = (value) => hours.reduce((sum, hour) => sum + value(hour), 0);
    const [answered, missed, other] = SERIES.map((series) => total(series.value));
    const longest = Math.max(0, ...hours.map((hour) => hour.wait_longest_us ?? 0));
    const figures = [
      { name: "Calls", value: answered + missed + other },
      { name: "Answered", tone: "talking", value: answered },
      { name: "Missed", tone: "missed", value: missed },
      { name: "Answer rate", value: answered + missed > 0 ? `${Math.round((answered / (answered + missed)) * 100)} %` : "–" },
      { name: "Longest wait", tone: "waiting", value: longest > 0 ? duration(longest) : "–" },
    ];
    reconcile(byId("day-figures"), figures, (figure) => figure.name, () => figureItem());
    byId("by-hour").replaceChildren(legend(SERIES), stackedBars(hours, SERIES, `Calls by hour: ${answered} answered, ${missed} missed, ${other} other; the table below has the figures`));
    const seconds = (value) => duration(value * 1e6);
    const waits = { average: (hour) => (hour.wait_average_us ?? 0) / 1e6, longest: (hour) => (hour.wait_longest_us ?? 0) / 1e6 };
    byId("waits").replaceChildren(legend([{ name: "Average", class: "waiting" }, { name: "Longest", class: "whisker" }]), rangeBars(hours, waits, seconds, `Waits by hour, the longest ${duration(longest)}; the table below has the figures`));
    reconcile(byId("hours"), hours, (hour) => String(hour.hour), () => hourRow());
  }
}

function legend(series) {
  return element("ul", { class: "legend", "aria-hidden": "true" }, ...series.map((each) => element("li", { class: each.class }, each.name)));
}

function hourRow() {
  const cells = Array.from({ length: 5 }, () => element("td", { class: "number" }));
  const head = element("th", { scope: "row" });
  const node = element("tr", {}, head, ...cells);
  node.update = (hour) => {
    setText(head, hourName(hour.hour));
    const texts = [...SERIES.map((series) => String(series.value(hour))), duration(hour.wait_average_us), duration(hour.wait_longest_us)];
    texts.forEach((text, index) => setText(cells[index], text));
  };
  return node;
}
