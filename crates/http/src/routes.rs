//! The one list of routes.

use hyper::Method;

use crate::path::{Miss, Target, target};

/// Where the FHIR interface begins.
pub const BASE: &str = "/fhir";

/// The form of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// `/health`
    Health,
    /// `/ready`
    Ready,
    /// `/metrics`
    Metrics,
    /// `/fhir/metadata`
    Metadata,
    /// `/fhir`
    System,
    /// `/fhir/_search`
    SystemSearch,
    /// `/fhir/_history`
    SystemHistory,
    /// `/fhir/$live`
    Live,
    /// `/fhir/Subscription/{id}/$status`
    HookStatus,
    /// `/fhir/Subscription/$status`
    HookStatuses,
    /// `/fhir/Subscription/$get-ws-binding-token`
    HookBindings,
    /// `/fhir/Subscription/{id}/$get-ws-binding-token`
    HookBinding,
    /// `/fhir/Subscription/{id}/$events`
    HookEvents,
    /// `/fhir/Subscription/{id}/$replay`
    HookReplay,
    /// `/fhir/{type}`
    Type,
    /// `/fhir/{type}/_search`
    TypeSearch,
    /// `/fhir/{type}/_history`
    TypeHistory,
    /// `/fhir/{type}/{id}`
    Instance,
    /// `/fhir/{type}/{id}/_history`
    InstanceHistory,
    /// `/fhir/{type}/{id}/_history/{version}`
    Version,
    /// `/fhir/{type}/{id}/{member}`: a type in a compartment
    Member,
    /// `/fhir/{type}/{id}/*`: all of a compartment
    Members,
    /// `/fhir/$name`
    SystemOperation,
    /// `/fhir/{type}/$name`
    TypeOperation,
    /// `/fhir/{type}/{id}/$name`
    InstanceOperation,
}

impl Shape {
    /// The path with its parts named in braces.
    pub fn pattern(self) -> &'static str {
        match self {
            Shape::Health => "/health",
            Shape::Ready => "/ready",
            Shape::Metrics => "/metrics",
            Shape::Metadata => "/fhir/metadata",
            Shape::System => "/fhir",
            Shape::SystemSearch => "/fhir/_search",
            Shape::SystemHistory => "/fhir/_history",
            Shape::Live => "/fhir/$live",
            Shape::HookStatus => "/fhir/Subscription/{id}/$status",
            Shape::HookStatuses => "/fhir/Subscription/$status",
            Shape::HookBindings => "/fhir/Subscription/$get-ws-binding-token",
            Shape::HookBinding => "/fhir/Subscription/{id}/$get-ws-binding-token",
            Shape::HookEvents => "/fhir/Subscription/{id}/$events",
            Shape::HookReplay => "/fhir/Subscription/{id}/$replay",
            Shape::Type => "/fhir/{type}",
            Shape::TypeSearch => "/fhir/{type}/_search",
            Shape::TypeHistory => "/fhir/{type}/_history",
            Shape::Instance => "/fhir/{type}/{id}",
            Shape::InstanceHistory => "/fhir/{type}/{id}/_history",
            Shape::Version => "/fhir/{type}/{id}/_history/{version}",
            Shape::Member => "/fhir/{type}/{id}/{member}",
            Shape::Members => "/fhir/{type}/{id}/*",
            Shape::SystemOperation => "/fhir/${operation}",
            Shape::TypeOperation => "/fhir/{type}/${operation}",
            Shape::InstanceOperation => "/fhir/{type}/{id}/${operation}",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What a route does; FHIR's names where it has one
        /// (<http://hl7.org/fhir/restful-interaction>).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// Its name in metrics, logs, access records and the CapabilityStatement.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)*
                }
            }
        }
    };
}

codes! {
    /// Read the current version.
    Read = "read",
    /// Read a version.
    Vread = "vread",
    /// Update, or create under a given id.
    Update = "update",
    /// Update by changes to what stands.
    Patch = "patch",
    /// Delete.
    Delete = "delete",
    /// History of a resource.
    HistoryInstance = "history-instance",
    /// History of a type.
    HistoryType = "history-type",
    /// History of everything.
    HistorySystem = "history-system",
    /// Create.
    Create = "create",
    /// Search within a type.
    SearchType = "search-type",
    /// Search across types.
    SearchSystem = "search-system",
    /// All or nothing.
    Transaction = "transaction",
    /// Each entry on its own.
    Batch = "batch",
    /// An operation; its access record has its name.
    Operation = "operation",
    /// Changes as they come.
    Live = "live",
    /// How a subscription stands.
    HookStatus = "subscription-status",
    /// What a subscription was told before.
    HookEvents = "subscription-events",
    /// Telling a subscription again.
    HookReplay = "subscription-replay",
    /// Leave to listen at a websocket.
    HookBinding = "subscription-binding-token",
    /// A websocket.
    Socket = "websocket",
    /// The CapabilityStatement.
    Capabilities = "capabilities",
    /// Whether the process lives.
    Health = "health",
    /// Whether requests can be answered.
    Ready = "ready",
    /// Counts for operators.
    Metrics = "metrics",
    /// Signing in, and tokens for apps.
    Identity = "identity",
    /// A file of the web front end.
    Page = "page",
    /// No route.
    Unknown = "unknown",
}

/// One route.
#[derive(Debug)]
pub struct Route {
    /// The method. `GET` also answers `HEAD`.
    pub method: Method,
    /// The form of its path.
    pub shape: Shape,
    /// What it does.
    pub code: Code,
    /// Whether it needs a token.
    pub guarded: bool,
    /// Whether the backend leaves an access record of its use. Refusals on guarded routes are
    /// recorded either way.
    pub audited: bool,
}

const fn open(shape: Shape, code: Code) -> Route {
    Route { method: Method::GET, shape, code, guarded: false, audited: false }
}

const fn fhir(method: Method, shape: Shape, code: Code) -> Route {
    Route { method, shape, code, guarded: true, audited: true }
}

/// Every route. `POST /fhir` stands twice: the type of the Bundle says which of the two it is.
pub static ROUTES: [Route; 42] = [
    fhir(Method::GET, Shape::Instance, Code::Read),
    fhir(Method::GET, Shape::Version, Code::Vread),
    fhir(Method::PUT, Shape::Instance, Code::Update),
    fhir(Method::PATCH, Shape::Instance, Code::Patch),
    fhir(Method::DELETE, Shape::Instance, Code::Delete),
    fhir(Method::GET, Shape::InstanceHistory, Code::HistoryInstance),
    fhir(Method::GET, Shape::TypeHistory, Code::HistoryType),
    fhir(Method::GET, Shape::SystemHistory, Code::HistorySystem),
    fhir(Method::POST, Shape::Type, Code::Create),
    fhir(Method::PUT, Shape::Type, Code::Update),
    fhir(Method::PATCH, Shape::Type, Code::Patch),
    fhir(Method::DELETE, Shape::Type, Code::Delete),
    fhir(Method::GET, Shape::Type, Code::SearchType),
    fhir(Method::POST, Shape::TypeSearch, Code::SearchType),
    fhir(Method::GET, Shape::Member, Code::SearchType),
    fhir(Method::GET, Shape::Members, Code::SearchSystem),
    fhir(Method::GET, Shape::System, Code::SearchSystem),
    fhir(Method::POST, Shape::SystemSearch, Code::SearchSystem),
    fhir(Method::POST, Shape::System, Code::Transaction),
    fhir(Method::POST, Shape::System, Code::Batch),
    fhir(Method::GET, Shape::SystemOperation, Code::Operation),
    fhir(Method::POST, Shape::SystemOperation, Code::Operation),
    fhir(Method::GET, Shape::TypeOperation, Code::Operation),
    fhir(Method::POST, Shape::TypeOperation, Code::Operation),
    fhir(Method::GET, Shape::InstanceOperation, Code::Operation),
    fhir(Method::POST, Shape::InstanceOperation, Code::Operation),
    fhir(Method::GET, Shape::Live, Code::Live),
    fhir(Method::GET, Shape::HookStatus, Code::HookStatus),
    fhir(Method::POST, Shape::HookStatus, Code::HookStatus),
    fhir(Method::GET, Shape::HookStatuses, Code::HookStatus),
    fhir(Method::POST, Shape::HookStatuses, Code::HookStatus),
    fhir(Method::GET, Shape::HookBindings, Code::HookBinding),
    fhir(Method::POST, Shape::HookBindings, Code::HookBinding),
    fhir(Method::GET, Shape::HookBinding, Code::HookBinding),
    fhir(Method::POST, Shape::HookBinding, Code::HookBinding),
    fhir(Method::GET, Shape::HookEvents, Code::HookEvents),
    fhir(Method::POST, Shape::HookEvents, Code::HookEvents),
    fhir(Method::POST, Shape::HookReplay, Code::HookReplay),
    open(Shape::Metadata, Code::Capabilities),
    open(Shape::Health, Code::Health),
    open(Shape::Ready, Code::Ready),
    Route {
        method: Method::GET,
        shape: Shape::Metrics,
        code: Code::Metrics,
        guarded: true,
        audited: false,
    },
];

/// What a method and a path lead to.
pub(crate) enum Found<'a> {
    /// A route, with the parts of its path.
    Route(&'static Route, Target<'a>),
    /// A path that exists, but not with this method.
    Method(Target<'a>),
    /// No such path.
    Miss(Miss),
}

impl Found<'_> {
    pub(crate) fn code(&self) -> Code {
        match self {
            Found::Route(route, _) => route.code,
            _ => Code::Unknown,
        }
    }

    /// Whether a token is needed before anything is answered: everywhere below the FHIR base
    /// except on open routes.
    pub(crate) fn guarded(&self) -> bool {
        match self {
            Found::Route(route, _) => route.guarded,
            Found::Method(target) => target.shape.pattern().starts_with(BASE),
            Found::Miss(miss) => *miss != Miss::Outside,
        }
    }
}

pub(crate) fn find<'a>(method: &Method, path: &'a str) -> Found<'a> {
    let target = match target(path) {
        Ok(target) => target,
        Err(miss) => return Found::Miss(miss),
    };
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let route = ROUTES.iter().find(|r| r.shape == target.shape && r.method == *method);
    match route {
        Some(route) => Found::Route(route, target),
        None => Found::Method(target),
    }
}

/// The methods that a path answers, as the `Allow` header wants them.
pub(crate) fn allowed(shape: Shape) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for route in ROUTES.iter().filter(|r| r.shape == shape) {
        if !methods.contains(&route.method.as_str()) {
            methods.push(route.method.as_str());
        }
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}
