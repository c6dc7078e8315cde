// Bar and line charts of the hours of a day, drawn as SVG.

import { svg } from "./dom.js";

const WIDTH = 1200;
const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 24;
const TOP = 12;
const STEP = (WIDTH - LEFT) / 24;

/** Stacked bars; `series` are `{ name, class, value(hour) }` from the bottom up. */
export function stackedBars(hours, series, text) {
  const total = (hour) => series.reduce((sum, each) => sum + each.value(hour), 0);
  const { picture, y } = axes(hours, niceTop(Math.max(0, ...hours.map(total))), String, text);
  for (const hour of hours) {
    const group = svg("g", {}, svg("title", {}, `${hourName(hour.hour)}: ${series.map((each) => `${each.value(hour)} ${each.name.toLowerCase()}`).join(", ")}`));
    let below = 0;
    for (const each of series) {
      const value = each.value(hour);
      if (value === 0) continue;
      group.append(svg("rect", { class: `fill ${each.class}`, x: LEFT + hour.hour * STEP + 6, width: STEP - 12, y: y(below + value), height: y(below) - y(below + value) }));
      below += value;
    }
    picture.append(group);
  }
  return picture;
}

/** Bars of the average with a mark at the longest; both are seconds. */
export function rangeBars(hours, { average, longest }, format, text) {
  const { picture, y } = axes(hours, niceTop(Math.max(0, ...hours.map(longest)), TIMES), format, text);
  for (const hour of hours) {
    if (longest(hour) === 0) continue;
    const x = LEFT + hour.hour * STEP;
    picture.append(svg("g", {},
      svg("title", {}, `${hourName(hour.hour)}: average wait ${format(average(hour))}, longest ${format(longest(hour))}`),
      svg("line", { class: "whisker", x1: x + STEP / 2, x2: x + STEP / 2, y1: y(average(hour)), y2: y(longest(hour)) }),
      svg("line", { class: "whisker", x1: x + STEP / 2 - 6, x2: x + STEP / 2 + 6, y1: y(longest(hour)), y2: y(longest(hour)) }),
      svg("rect", { class: "fill waiting", x: x + 6, width: STEP - 12, y: y(average(hour)), height: y(0) - y(average(hour)) })));
  }
  return picture;
}

/** Hour such as `09:00`. */
export function hourName(hour) {
  return `${String(hour).padStart(2, "0")}:00`;
}

const NUMBERS = [4, 8, 12, 20, 40, 48, 60, 80, 100, 200, 400, 600, 800, 1000, 2000, 4000, 8000, 10_000, 20_000, 40_000, 100_000];
const TIMES = [20, 40, 60, 80, 120, 240, 480, 600, 1200, 2400, 3600, 7200, 14_400];

/** Round number at or above `value` that four lines divide well. */
function niceTop(value, choices = NUMBERS) {
  return choices.find((choice) => choice >= value) ?? Math.ceil(value / 4) * 4;
}

function axes(hours, top, format, text) {
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": text });
  for (let line = 0; line <= 4; line += 1) {
    const value = (top / 4) * line;
    picture.append(svg("line", { class: line === 0 ? "axis" : "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, format(value)));
  }
  for (let hour = 0; hour < 24; hour += 2) picture.append(svg("text", { class: "tick", x: LEFT + (hour + 0.5) * STEP, y: HEIGHT - 6, "text-anchor": "middle" }, hourName(hour)));
  return { picture, y };
}
