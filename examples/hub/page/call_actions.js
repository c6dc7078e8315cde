// Starting and ending calls, each through a dialog.

import { byId, element, setText } from "./dom.js";
import { customer } from "./format.js";
import { keyOf } from "./live.js";

/** Click-to-call and hang-up, as far as the sources offer them. */
export class CallActions {
  #api;
  #live;
  #ending = null;

  constructor(api, live) {
    this.#api = api;
    this.#live = live;
    for (const dialog of [byId("dial-dialog"), byId("hang-up-dialog")]) {
      dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    }
    byId("dial").addEventListener("click", () => this.dial(null));
    this.#form("dial-dialog").addEventListener("submit", (event) => this.#startCall(event));
    this.#form("hang-up-dialog").addEventListener("submit", (event) => this.#endCall(event));
    this.#form("dial-dialog").elements.source.addEventListener("change", () => this.#offerUsers());
    live.addEventListener("change", () => { byId("dial").hidden = !this.canDial(); });
  }

  /** Whether some source can start calls. */
  canDial() {
    return this.#dialSources().length > 0;
  }

  /** Opens the dialog that starts a call, filled for a call back if a call is given. */
  dial(call) {
    const { source, from, to } = this.#form("dial-dialog").elements;
    const names = this.#dialSources().map((each) => each.name);
    source.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    const [mySource, me] = (localStorage.getItem("me") ?? "").split("\n");
    if (names.includes(call?.source)) source.value = call.source;
    else if (names.includes(mySource)) source.value = mySource;
    from.value = source.value === mySource ? me : "";
    to.value = call?.customer ?? "";
    setText(byId("dial-status"), "");
    this.#offerUsers();
    byId("dial-dialog").showModal();
    (from.value ? to : from).focus();
  }

  /** Asks whether to end a call, and ends it. */
  hangUp(call) {
    this.#ending = call;
    setText(byId("hang-up-text"), `Ends the call with ${customer(call)} for both sides.`);
    setText(byId("hang-up-status"), "");
    byId("hang-up-dialog").showModal();
  }

  async #startCall(event) {
    event.preventDefault();
    const { source, from, to } = event.target.elements;
    setText(byId("dial-status"), "Asking the PBX…");
    try {
      await this.#api.call(source.value, from.value.trim(), to.value.trim());
      byId("dial-dialog").close();
      setText(byId("announcer"), `The PBX calls ${to.value}`);
    } catch (error) {
      setText(byId("dial-status"), `Not called: ${error.message}`);
    }
  }

  async #endCall(event) {
    event.preventDefault();
    const call = this.#ending;
    try {
      await this.#api.hangUp(call);
      byId("hang-up-dialog").close();
    } catch (error) {
      if (keyOf(call) === keyOf(this.#ending)) setText(byId("hang-up-status"), `Not ended: ${error.message}`);
    }
  }

  #offerUsers() {
    const name = this.#form("dial-dialog").elements.source.value;
    const users = [...this.#live.users.values()].filter((user) => user.source === name && user.state !== "offline");
    byId("dial-users").replaceChildren(...users.map((user) => element("option", { value: user.id }, user.name)));
  }

  #dialSources() {
    return [...this.#live.sources.values()].filter((source) => source.can_call && source.is_connected);
  }

  #form(dialog) {
    return byId(dialog).querySelector("form");
  }
}
