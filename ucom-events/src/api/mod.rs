//! The PBX's API as requests and replies (§3). Nothing here opens a connection.
//!
//! Each question is a type that implements [`ApiRequest`]: [`request`](ApiRequest::request) gives what
//! to send, [`parse`](ApiRequest::parse) reads what comes back. [`Attempt::next_step`] tells what to do
//! after a reply (R15–R20), [`HourlyBudget`] keeps within the hourly limit (R21).
//!
//! There is no request that removes all subscriptions of an extension, though the PBX has one: it
//! would take those of other integrations (R12).

mod client;
mod extensions;
mod host;
mod limits;
mod number;
mod rate;
mod reply;
mod request;
mod retry;
mod subscriptions;
mod token;

pub use client::{Client, ClientId, GetClient};
pub use extensions::{
    ClientDirectory, Extension, ExtensionPage, ExtensionPages, GetExtension, ListExtensions,
};
pub use host::{AccessToken, ApiHost, ApiHostError, Secret};
pub use limits::{GetLimits, PbxLimits};
pub use rate::{HourlyBudget, RateLimit};
pub use reply::{ApiError, ErrorStatus, ReplyHead, Responsible};
pub use request::{ApiRequest, RequestBody};
pub use retry::{Attempt, NextStep};
pub use subscriptions::{
    AddSubscription, DeleteSubscription, EventOwner, ListSubscriptions, StepRequest,
    SubscriptionList, UpdateSubscription,
};
pub use token::{GetUser, Grant, RequestToken, TokenReply, User, authorize_url};
