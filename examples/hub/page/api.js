// Requests to the hub. The bearer token is kept in the tab only and sent in a header, never in an address.

/** Refusal of the hub, with its status and the sentence it gave. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Client of the hub's API. `askToken` resolves to a token when the hub demands one. */
export class Api {
  #askToken;
  #asking = null;

  constructor(askToken) {
    this.#askToken = askToken;
  }

  /** Response to a request that the hub accepted. */
  async request(path, options = {}) {
    for (;;) {
      const token = sessionStorage.getItem("token");
      const headers = new Headers(options.headers);
      if (token) headers.set("authorization", `Bearer ${token}`);
      const response = await fetch(path, { ...options, headers, cache: "no-store" });
      if (response.ok) return response;
      if (response.status !== 401) throw new ApiError(response.status, await reason(response));
      // Another request may have brought a new token meanwhile.
      if (sessionStorage.getItem("token") === token) await this.#renewToken();
    }
  }

  /** JSON of a resource. */
  async json(path, options) {
    return (await this.request(path, options)).json();
  }

  /** Starts a call from a user to a number. */
  call(source, from, to) {
    const body = JSON.stringify({ source, from, to });
    return this.json("api/calls", { method: "POST", headers: { "content-type": "application/json" }, body });
  }

  /** Ends a call. */
  async hangUp(call) {
    await this.request(callPath(call), { method: "DELETE" });
  }

  async #renewToken() {
    // One dialog, however many requests were refused.
    this.#asking ??= this.#askToken().finally(() => { this.#asking = null; });
    sessionStorage.setItem("token", await this.#asking);
  }
}

/** Path of a call in the API. */
export function callPath({ source, id }) {
  return `api/calls/${encodeURIComponent(source)}/${encodeURIComponent(id)}`;
}

async function reason(response) {
  try {
    return (await response.json()).error ?? response.statusText;
  } catch {
    return response.statusText || `status ${response.status}`;
  }
}
