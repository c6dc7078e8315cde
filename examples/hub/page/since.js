// Durations that grow while they are shown.

import { setText } from "./dom.js";
import { duration } from "./format.js";

/** Shows the time since `us` in `node` and keeps it growing; without `us` it shows `fallback`. */
export function showSince(node, us, now, fallback = "") {
  if (us === null || us === undefined) {
    delete node.dataset.since;
    setText(node, String(fallback));
  } else {
    node.dataset.since = us;
    setText(node, duration(now - us));
  }
}

/** Advances every growing duration on the page, once a second. */
export function keepGrowing(now) {
  setInterval(() => {
    for (const node of document.querySelectorAll("[data-since]")) setText(node, duration(now() - Number(node.dataset.since)));
  }, 1000);
}
