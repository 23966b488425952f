//! What reading a query depends on besides the query.

use accord_base::LogTime;

use crate::own::OwnParams;

/// Matches on a page when `_count` does not say.
pub const DEFAULT_COUNT: u32 = 20;
/// Most matches on a page; a larger `_count` gets this many (FHIR R4 search §3.1.1.5.3: a server
/// may return fewer than asked).
pub const MAX_COUNT: u32 = 1000;

/// What to do with a parameter that is not known or not supported (`Prefer: handling`, FHIR R4
/// http §3.1.0.1.7.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Handling {
    /// It is an error.
    #[default]
    Strict,
    /// It is set aside with a warning. Faulty values and modifiers stay errors.
    Lenient,
}

/// Bounds of one query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most name–value pairs.
    pub params: usize,
    /// Most values in all clauses together.
    pub values: usize,
    /// Most bytes of names and values together, decoded.
    pub bytes: usize,
    /// Most references that one chain follows.
    pub hops: usize,
    /// Most types that are tried behind the references of all chains together.
    pub links: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { params: 64, values: 2000, bytes: 64 * 1024, hops: 8, links: 2000 }
    }
}

/// What reading a query depends on besides the query.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The instant from which `ap` measures its distance.
    pub now: LogTime,
    /// What happens to unknown parameters.
    pub handling: Handling,
    /// The server's own base URL without a slash at its end; a reference that begins with it is
    /// one to a resource of this server. `None` where it is not known.
    pub base_url: Option<&'a str>,
    /// Search parameters beside the official ones.
    pub own: &'a OwnParams,
    /// Bounds.
    pub limits: Limits,
}

impl Context<'_> {
    /// Strict handling at an instant, with the usual limits and no base URL.
    pub fn strict(now: LogTime) -> Context<'static> {
        static NONE: OwnParams = OwnParams::NONE;
        let (handling, limits) = (Handling::Strict, Limits::default());
        Context { now, handling, base_url: None, own: &NONE, limits }
    }
}
