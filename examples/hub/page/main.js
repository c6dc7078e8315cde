// Start of the page: what is in the header, and which view is shown.

import { Api } from "./api.js";
import { CallActions } from "./call_actions.js";
import { CallView } from "./call_view.js";
import { DayView } from "./day_view.js";
import { byId, element, reconcile, setText } from "./dom.js";
import { timeOfDay } from "./format.js";
import { Live } from "./live.js";
import { LogView } from "./log_view.js";
import { NowView } from "./now_view.js";
import { ScreenPop } from "./screen_pop.js";
import { keepGrowing } from "./since.js";

const api = new Api(askToken);
const live = new Live(api);
const actions = new CallActions(api, live);
const views = {
  now: new NowView(live, actions), calls: new LogView(api, live, actions), call: new CallView(api, live, actions), day: new DayView(api, live),
};
new ScreenPop(api, live, actions);

addEventListener("hashchange", () => route(true));
live.addEventListener("change", renderSources);
live.addEventListener("status", renderStatus);
startTheme();
renderStatus();
route(false);
keepGrowing(() => live.now());
setInterval(showClock, 1000);
showClock();
live.run();

/** Shows the view of the page's address: `#/now`, `#/calls?search=…`, `#/calls/SOURCE/ID`, `#/day?date=…`. */
function route(moveFocus) {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [first, ...rest] = path.split("/").map(decodeURIComponent);
  const name = first === "calls" && rest.length >= 2 ? "call" : first in views ? first : "now";
  for (const each of Object.keys(views)) byId(each).hidden = each !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === (name === "call" ? "calls" : name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  views[name].show(rest, new URLSearchParams(query ?? ""));
  document.title = `${views[name].title()} · Hub`;
  if (moveFocus) byId(`${name}-title`).focus({ preventScroll: true });
}

function renderSources() {
  const items = [...[...live.sources.values()].map(sourceItem), ...[...live.receivers.values()].map(receiverItem)];
  items.sort((a, b) => a.key.localeCompare(b.key));
  reconcile(byId("sources"), items, (item) => item.key, () => {
    const [name, text] = [element("span"), element("span")];
    const node = element("li", {}, name, text);
    node.update = (item) => {
      node.dataset.state = item.state;
      node.title = item.title;
      setText(name, item.name);
      // A fault is for all to read; that all is well, the colour says.
      text.className = item.state === "current" ? "visually-hidden" : "";
      setText(text, `: ${item.text}`);
    };
    return node;
  });
}

function sourceItem({ name, kind, is_connected, is_current }) {
  const [state, text] = !is_connected ? ["away", "not connected"] : is_current ? ["current", "current"] : ["behind", "catching up"];
  return { key: `a ${name}`, name, state, text, title: kind };
}

function receiverItem({ name, is_away, refused }) {
  const [state, text] = is_away ? ["away", "away, events wait"] : refused > 0 ? ["behind", `${refused} refused`] : ["current", "current"];
  return { key: `b ${name}`, name: `→ ${name}`, state, text, title: "Receiver of events" };
}

function renderStatus() {
  document.body.dataset.status = live.status;
  const texts = { connecting: "Connecting…", live: "", lost: `Connection to the hub lost at ${timeOfDay(Date.now() * 1000)}. Trying again; what you see is from then.` };
  setText(byId("connection"), texts[live.status]);
}

function showClock() {
  setText(byId("clock"), new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date()));
}

function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (localStorage.getItem("theme") ?? (system.matches ? "dark" : "light")) === "dark";
  const apply = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    setText(byId("theme"), isDark() ? "Light" : "Dark");
  };
  byId("theme").addEventListener("click", () => {
    localStorage.setItem("theme", isDark() ? "light" : "dark");
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

function askToken() {
  const dialog = byId("token-dialog");
  const form = dialog.querySelector("form");
  // Escape would leave a page that can do nothing.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  form.reset();
  dialog.showModal();
  return new Promise((resolve) => form.addEventListener("submit", () => resolve(form.elements.token.value.trim()), { once: true }));
}
