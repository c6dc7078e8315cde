//! The model behind real sockets, and a websocket client that knows nothing of this crate.
