//! FHIR over HTTP: routes, negotiation, wire formats and error mapping. The only crate that knows
//! HTTP.
//!
//! - [`App`]: one request in, one response out; a `tower::Service`
//! - [`serve`]: the loop around it: connections, time limits, orderly stop
//! - [`Backend`]: what answers the interactions; the engine in production
//! - [`IDENTITY_ROUTES`]: every route of identity, and what shows that it may be answered
//! - [`Web`]: the pages of the front end
//! - [`ROUTES`]: every route, the one list behind the router, the CapabilityStatement and the tests
//!
//! **Invariant:** a route that is guarded reaches the [`Backend`] only with a verified subject; a
//! refusal before that is recorded before it is answered.
//!
//! **Absent:** business rules, access decisions, storage. Nothing here looks inside a resource,
//! except to indent it.

mod answer;
mod app;
mod auth;
mod backend;
mod base_url;
mod body;
mod budget;
mod bundle;
mod capability;
mod conditional;
mod content;
mod cors;
mod dispatch;
mod emergency;
mod encode;
mod header;
mod hook;
mod idle;
mod live;
mod log;
mod media;
mod metrics;
mod negotiate;
mod params;
mod path;
mod pretty;
mod probe;
mod refusal;
mod render;
mod reply;
mod routes;
mod seldom;
mod serve;
mod socket;
mod tls;
mod unpack;
mod web;
mod work;

#[cfg(test)]
mod tests;

pub use app::{App, Options};
pub use auth::{IDENTITY_ROUTES, IdentityRoute, Proof};
pub use backend::Backend;
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use capability::is_searchable;
pub use content::Content;
pub use routes::{BASE, Code, ROUTES, Route, Shape};
pub use serve::{ServeOptions, serve, serve_over};
pub use tls::{Tls, TlsFault};
pub use web::Web;
