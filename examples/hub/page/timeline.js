// Drawing of one call: a lane for each queue and person, a bar for each thing that happened there.

import { svg } from "./dom.js";
import { duration, label, timeOfDay } from "./format.js";

const LANE = 34;
const BAR = 20;
const LEFT = 150;
const WIDTH = 1200;
const TOP = 30;

/**
 * Bars `{ lane, kind, from, to }` of a call, `kind` being `queued`, `rang`, `talked`, `held`, `parked` or `voicemail`.
 * A person stops ringing when the call is answered, passed on or ended; a talk ends with a hold, a transfer or the call.
 */
export function barsOf(call, now) {
  const end = call.ended_at_us ?? now;
  const bars = [];
  const open = new Map();
  const close = (at, wanted) => {
    for (const [key, bar] of open) {
      if (!wanted(bar)) continue;
      bars.push({ ...bar, to: at });
      open.delete(key);
    }
  };
  const begin = (lane, kind, from) => {
    if (!open.has(`${kind} ${lane}`)) open.set(`${kind} ${lane}`, { lane, kind, from });
  };
  let talker = null;
  for (const { at_us: at, kind, who } of call.steps) {
    if (kind === "queued") {
      close(at, (bar) => bar.kind === "rang");
      begin(who ?? call.queue ?? "Queue", "queued", at);
    } else if (kind === "rang") begin(who ?? "Phone", "rang", at);
    else if (kind === "answered") {
      close(at, () => true);
      talker = who ?? call.answered_by ?? "Phone";
      begin(talker, "talked", at);
    } else if (kind === "held" || kind === "parked") {
      close(at, (bar) => bar.kind === "talked");
      begin(who ?? talker ?? "Phone", kind, at);
    } else if (kind === "transferred" || kind === "voicemail") {
      close(at, () => true);
      if (kind === "voicemail") begin(who ?? "Voicemail", "voicemail", at);
    } else if (kind === "ended") close(at, () => true);
  }
  close(end, () => true);
  return bars.sort((a, b) => a.from - b.from);
}

/** Picture of a call. `name` gives the name of a queue or person. */
export function drawTimeline(call, now, name) {
  const begin = Math.min(call.started_at_us, ...call.steps.map((step) => step.at_us));
  const end = Math.max(call.ended_at_us ?? now, begin + 1_000_000);
  const bars = barsOf(call, now);
  const lanes = [...new Set(bars.map((bar) => bar.lane))];
  const height = TOP + Math.max(1, lanes.length) * LANE + 14;
  const x = (at) => LEFT + ((at - begin) / (end - begin)) * (WIDTH - LEFT - 16);
  const y = (lane) => TOP + lanes.indexOf(lane) * LANE;
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "timeline", role: "img", "aria-label": `Timeline of the call, ${duration(end - begin)} long; the steps are listed below` });
  for (const at of ticks(begin, end)) {
    picture.append(
      svg("line", { class: "grid", x1: x(at), x2: x(at), y1: TOP - 8, y2: height - 10 }),
      svg("text", { class: "tick", x: x(at), y: 14, "text-anchor": "middle" }, duration(at - begin)));
  }
  for (const lane of lanes) picture.append(svg("text", { class: "lane-name", x: LEFT - 12, y: y(lane) + 19, "text-anchor": "end" }, cut(name(lane))));
  for (const bar of bars) {
    const width = Math.max(3, x(bar.to) - x(bar.from));
    const text = `${BAR_LABELS[bar.kind]} ${duration(bar.to - bar.from)}`;
    picture.append(svg("g", { class: `bar ${bar.kind}` },
      svg("title", {}, `${name(bar.lane)}: ${text}, from ${timeOfDay(bar.from)}`),
      svg("rect", { x: x(bar.from), y: y(bar.lane) + 4, width, height: BAR, rx: 4 }),
      // A label that its bar cannot hold is left to the tooltip and the table of steps.
      width > text.length * 7.2 + 12 ? svg("text", { x: x(bar.from) + 8, y: y(bar.lane) + 18 }, text) : null));
  }
  for (const step of call.steps.filter(({ kind }) => kind === "transferred" || kind === "ended")) {
    picture.append(svg("line", { class: `mark ${step.kind}`, x1: x(step.at_us), x2: x(step.at_us), y1: TOP - 4, y2: height - 10 },
      svg("title", {}, `${label(step.kind)} at ${timeOfDay(step.at_us)}`)));
  }
  return picture;
}

const BAR_LABELS = { queued: "Waited", rang: "Rang", talked: "Talked", held: "On hold", parked: "Parked", voicemail: "Voicemail" };

/** Round moments, at most eight of them. */
function ticks(begin, end) {
  const seconds = (end - begin) / 1e6;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find((each) => seconds / each <= 8) ?? seconds / 8;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => begin + index * step * 1e6);
}

function cut(text) {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}
