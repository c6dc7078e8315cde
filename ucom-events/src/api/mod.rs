//! The PBX's API as requests and replies. Nothing here opens a connection.
//!
//! [`ApiRequest`] has a constructor for each request, [`ApiReply`] reads replies, [`Attempt`] decides on retries, [`HourlyBudget`] enforces the hourly limit, and a [`Flow`] is a sequence of requests.

mod flow;
mod pages;
mod rate;
mod records;
mod reply;
mod request;
mod retry;

pub use crate::secret::Secret;
pub use flow::Flow;
pub(crate) use pages::Pages;
pub use rate::{HourlyBudget, RateLimit};
pub use records::{
    Agent, Client, ClientId, DeliveryMethod, Extension, Page, PublicNumber, Subscription,
    SubscriptionId, SubscriptionSpec, SubscriptionType, User,
};
pub use reply::{AccessToken, ApiError, ApiReply, ErrorStatus, Responsible};
pub use request::{ApiHost, ApiHostError, ApiRequest, Body, Credentials, Grant, authorize_url};
pub use retry::{Attempt, NextStep};
