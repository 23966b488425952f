//! The CapabilityStatement (FHIR R4 §5.1), made from the routes, the resource types and the
//! search parameters that are there.

mod kept;
mod subscriptions;

use std::fmt::Write as _;

use accord_base::LogTime;
use accord_engine::{EVENT_PARAMS, META_OPERATIONS, OPERATIONS};
use accord_fhir::json::quoted;
use accord_spec::{FHIR_VERSION, ParamKind, ResourceType, SearchParam, params_of};

use crate::bundle::comma;
use crate::routes::{Code, ROUTES, Route, Shape};

pub(crate) use kept::Statement;

/// What the statement says besides what follows from the tables.
pub(crate) struct Facts<'a> {
    /// When the server started.
    pub date: LogTime,
    /// Version of the software.
    pub version: &'a str,
    /// Whether this server gives out tokens for apps itself.
    pub identity: bool,
    /// Configured base address.
    pub base: Option<&'a str>,
    /// Resource types that are served.
    pub types: &'a [ResourceType],
    /// Which search parameters work.
    pub searchable: fn(ResourceType, &SearchParam) -> bool,
    /// Search parameters beside the official ones.
    pub own: &'a [&'static SearchParam],
}

/// Whether a parameter is of a kind that the search supports in this release.
pub fn is_searchable(_: ResourceType, param: &SearchParam) -> bool {
    let indexed = matches!(
        param.kind,
        ParamKind::Token
            | ParamKind::Reference
            | ParamKind::String
            | ParamKind::Date
            | ParamKind::Number
            | ParamKind::Quantity
            | ParamKind::Uri
            | ParamKind::Composite
    ) || param.code == "near";
    let common = matches!(param.code, "_id" | "_lastUpdated" | "_tag" | "_profile" | "_security");
    let of_words = param.base.is_none() && matches!(param.code, "_text" | "_content");
    of_words || indexed && if param.base.is_none() { common } else { !param.expression.is_empty() }
}

/// Stands in the statement where the address belongs at which this server is reached.
pub(crate) const ISSUER_MARK: &str = "urn:accord:issuer";

/// Where apps get tokens (SMART App Launch 1.0, "Conformance", which clients still read).
fn security() -> String {
    let end = |name: &str| format!(r#"{{"url":"{name}","valueUri":"{ISSUER_MARK}/auth/{name}"}}"#);
    format!(
        r#""extension":[{{"url":"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris","extension":[{},{},{},{}]}}],"service":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/restful-security-service","code":"SMART-on-FHIR"}}]}}],"#,
        end("authorize"),
        end("token"),
        end("introspect"),
        end("revoke"),
    )
}

/// The statement as JSON.
fn statement(facts: &Facts<'_>) -> String {
    let mut out = String::with_capacity(256 << 10);
    let _ = write!(
        out,
        r#"{{"resourceType":"CapabilityStatement","status":"active","date":"{}","kind":"instance","software":{{"name":"Accord","version":{}}},"implementation":{{"description":"Accord FHIR server""#,
        facts.date,
        quoted(facts.version),
    );
    if let Some(base) = facts.base {
        let _ = write!(out, r#","url":{}"#, quoted(base));
    }
    let _ = write!(
        out,
        r#"}},"fhirVersion":"{FHIR_VERSION}","format":["application/fhir+json","json"],"patchFormat":["application/json-patch+json","application/fhir+json"],"rest":[{{{}"mode":"server","security":{{{}"cors":false,"description":"Every interaction except this one needs a bearer token (RFC 6750); answers hold what its subject may see."}},"resource":["#,
        subscriptions::socket(facts.base),
        if facts.identity { security() } else { String::new() }
    );
    let mut first = true;
    for resource_type in facts.types {
        comma(&mut out, &mut first);
        resource(&mut out, *resource_type, facts);
    }
    out.push_str(r#"],"interaction":["#);
    interactions(&mut out, is_system);
    out.push_str(r#"],"searchParam":["#);
    let mut first = true;
    for (name, documentation) in CONTAINED {
        comma(&mut out, &mut first);
        let _ =
            write!(out, r#"{{"name":"{name}","type":"token","documentation":"{documentation}"}}"#);
    }
    out.push_str(r#"],"operation":[{"name":"live","definition":"urn:accord:operation:live"},{"name":"meta","definition":"http://hl7.org/fhir/OperationDefinition/Resource-meta"}]}]}"#);
    out
}

/// Parameters of searches of every type that no search parameter stands for (FHIR R4 search
/// §3.1.1.5.5).
const CONTAINED: [(&str, &str); 2] = [
    ("_contained", "false, true or both: whether contained resources are looked for"),
    ("_containedType", "container or contained: what comes of contained resources"),
];

fn resource(out: &mut String, resource_type: ResourceType, facts: &Facts<'_>) {
    let _ = write!(out, r#"{{"type":"{resource_type}","interaction":["#);
    interactions(out, |route| !is_system(route));
    out.push_str(r#"],"versioning":"versioned","readHistory":true,"updateCreate":true,"conditionalCreate":true,"conditionalRead":"full-support","conditionalUpdate":true,"conditionalDelete":"single""#);
    if resource_type != ResourceType::AUDIT_EVENT {
        includes(out, resource_type, facts.own);
    }
    let mut first = true;
    let own = facts.own.iter().filter(|param| param.base == Some(resource_type));
    for param in params_of(resource_type).iter().chain(own) {
        let of_records = resource_type == ResourceType::AUDIT_EVENT;
        let unknown = of_records && !EVENT_PARAMS.contains(&param.code);
        if unknown || !param.id.is_own() && !(facts.searchable)(resource_type, param) {
            continue;
        }
        out.push_str(if first { r#","searchParam":["# } else { "," });
        first = false;
        let _ = write!(out, r#"{{"name":"{}""#, param.code);
        if !param.url.is_empty() {
            let _ = write!(out, r#","definition":{}"#, quoted(param.url));
        }
        let _ = write!(out, r#","type":"{}"}}"#, param.kind.name());
    }
    if !first {
        out.push(']');
    }
    operations(out, resource_type);
    if resource_type.name() == "Subscription" {
        subscriptions::topics(out);
    }
    out.push('}');
}

/// What can come with matches: what their references name, and what refers to them.
fn includes(out: &mut String, resource_type: ResourceType, own: &[&'static SearchParam]) {
    let references = |of: ResourceType| {
        let own = own.iter().filter(move |param| param.base == Some(of));
        let all = params_of(of).iter().chain(own);
        let all = all.filter(|param| param.kind == ParamKind::Reference);
        all.filter(|param| param.base.is_some())
    };
    out.push_str(r#","searchInclude":["*""#);
    for param in references(resource_type) {
        let _ = write!(out, r#","{resource_type}:{}""#, param.code);
    }
    out.push_str(r#"],"searchRevInclude":["*""#);
    for of in ResourceType::ALL.iter().filter(|of| **of != ResourceType::AUDIT_EVENT) {
        // What may refer to anything is told by the star.
        for param in references(*of).filter(|param| param.targets.contains(&resource_type)) {
            let _ = write!(out, r#","{of}:{}""#, param.code);
        }
    }
    out.push(']');
}

/// The operations on a type, each once. Those that R4 defines have its definitions, the others
/// ours.
fn operations(out: &mut String, resource_type: ResourceType) {
    let mut told: Vec<&str> = Vec::new();
    let own = OPERATIONS.iter().filter(|o| o.on == resource_type.name());
    let of_all = META_OPERATIONS.iter().filter(|_| resource_type != ResourceType::AUDIT_EVENT);
    for operation in own.chain(of_all) {
        let name = operation.name().trim_start_matches('$');
        if told.contains(&name) {
            continue;
        }
        out.push_str(if told.is_empty() { r#","operation":["# } else { "," });
        told.push(name);
        let definition = match operation.on == "Resource" || OF_R4.contains(&(operation.on, name)) {
            _ if name == "validate" => VALIDATE.to_owned(),
            true => format!("http://hl7.org/fhir/OperationDefinition/{}-{name}", operation.on),
            false => format!("urn:accord:operation:{resource_type}-{name}"),
        };
        let _ = write!(out, r#"{{"name":"{name}","definition":"{definition}"}}"#);
    }
    let here = resource_type.name() == accord_emergency::ON;
    for operation in accord_emergency::OPERATIONS.iter().filter(|_| here) {
        let name = operation.called.trim_start_matches('$');
        out.push_str(if told.is_empty() { r#","operation":["# } else { "," });
        told.push(name);
        let definition = format!("urn:accord:operation:{resource_type}-{name}");
        let _ = write!(out, r#"{{"name":"{name}","definition":"{definition}"}}"#);
    }
    if resource_type.name() == "Subscription" {
        subscriptions::operations(out);
    }
    if !told.is_empty() {
        out.push(']');
    }
}

/// The one that R4 defines on every type.
const VALIDATE: &str = "http://hl7.org/fhir/OperationDefinition/Resource-validate";

/// Operations that R4 defines on single types.
const OF_R4: [(&str, &str); 9] = [
    ("Encounter", "everything"),
    ("Observation", "lastn"),
    ("Patient", "everything"),
    ("CodeSystem", "lookup"),
    ("CodeSystem", "subsumes"),
    ("CodeSystem", "validate-code"),
    ("ConceptMap", "translate"),
    ("ValueSet", "expand"),
    ("ValueSet", "validate-code"),
];

/// The TerminologyCapabilities (FHIR R4 §5.9), for `metadata?mode=terminology`.
pub(crate) fn terminology(date: LogTime, version: &str) -> String {
    let names = [
        "filter",
        "offset",
        "count",
        "activeOnly",
        "includeDesignations",
        "displayLanguage",
        "excludeNested",
    ];
    let names: Vec<String> = names.iter().map(|name| format!(r#"{{"name":"{name}"}}"#)).collect();
    format!(
        r#"{{"resourceType":"TerminologyCapabilities","status":"active","date":"{date}","kind":"instance","software":{{"name":"Accord","version":{}}},"implementation":{{"description":"Accord FHIR server"}},"expansion":{{"hierarchical":true,"paging":true,"incomplete":false,"parameter":[{}],"textFilter":"Each word begins a word of one of the texts of a code, or the whole begins the code."}},"codeSearch":"explicit","validateCode":{{"translations":false}},"translation":{{"needsMap":true}}}}"#,
        quoted(version),
        names.join(","),
    )
}

/// The interactions of the routes chosen, each once. Only FHIR's own codes count.
fn interactions(out: &mut String, chosen: impl Fn(&Route) -> bool) {
    let mut seen: Vec<Code> = Vec::new();
    let mut first = true;
    let rest = |r: &&Route| r.audited && !of_rest(r.code);
    for route in ROUTES.iter().filter(|r| rest(r) && chosen(r)) {
        if seen.contains(&route.code) {
            continue;
        }
        seen.push(route.code);
        comma(out, &mut first);
        let _ = write!(out, r#"{{"code":"{}"}}"#, route.code.name());
    }
}

/// Whether a route is told of as an operation.
pub(crate) fn of_rest(code: Code) -> bool {
    matches!(
        code,
        Code::Operation
            | Code::Live
            | Code::HookStatus
            | Code::HookEvents
            | Code::HookReplay
            | Code::HookBinding
    )
}

fn is_system(route: &Route) -> bool {
    matches!(
        route.shape,
        Shape::System | Shape::SystemSearch | Shape::SystemHistory | Shape::Members
    )
}
