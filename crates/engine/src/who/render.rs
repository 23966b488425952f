//! An access record as FHIR R4 AuditEvents after IHE BALP 1.1 (Basic Audit Log Patterns,
//! <https://profiles.ihe.net/ITI/BALP>): one for each patient it names.
//!
//! What is never in an event: other patients of the same access, how many results there were, and
//! what they said.

use accord_audit::{AccessRecord, Target};
use accord_base::{Principal, ResourceId, Subject};
use accord_fhir::json::quoted;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
const REST: &str = r#"{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"}"#;
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const USER_TYPES: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes";
const REASONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const ENTITY_TYPES: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ENTITY_ROLES: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const BALP_ENTITIES: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

/// What an interaction is in the words of FHIR and BALP.
struct Kind {
    /// AuditEvent.action.
    action: &'static str,
    /// Name of the BALP profile, without its Patient variant; empty where BALP has none.
    profile: &'static str,
    /// Code of the user's agent type.
    user: &'static str,
}

/// One row for each interaction; what is not listed executes something.
const KINDS: &[(&str, Kind)] = &[
    ("read", Kind { action: "R", profile: "Read", user: "IRCP" }),
    ("vread", Kind { action: "R", profile: "Read", user: "IRCP" }),
    ("history-instance", Kind { action: "R", profile: "", user: "IRCP" }),
    ("history-type", Kind { action: "R", profile: "", user: "IRCP" }),
    ("history-system", Kind { action: "R", profile: "", user: "IRCP" }),
    ("search-type", Kind { action: "E", profile: "Query", user: "IRCP" }),
    ("search-system", Kind { action: "E", profile: "Query", user: "IRCP" }),
    ("create", Kind { action: "C", profile: "Create", user: "AUT" }),
    ("update", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("patch", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("$meta", Kind { action: "R", profile: "", user: "IRCP" }),
    ("$meta-add", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("$meta-delete", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("$file", Kind { action: "C", profile: "Create", user: "AUT" }),
    ("$supersede", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("$revoke", Kind { action: "U", profile: "Update", user: "AUT" }),
    ("$claim", Kind { action: "C", profile: "Create", user: "AUT" }),
    ("$break-glass", Kind { action: "C", profile: "Create", user: "AUT" }),
    ("$merge", Kind { action: "U", profile: "", user: "AUT" }),
    ("$unmerge", Kind { action: "U", profile: "", user: "AUT" }),
    ("$move-resource", Kind { action: "U", profile: "", user: "AUT" }),
    ("$offer-transfer", Kind { action: "C", profile: "", user: "AUT" }),
    ("$accept-transfer", Kind { action: "U", profile: "", user: "AUT" }),
    ("delete", Kind { action: "D", profile: "Delete", user: "CST" }),
];
const OTHER: Kind = Kind { action: "E", profile: "", user: "IRCP" };

fn kind(interaction: &str) -> &'static Kind {
    KINDS.iter().find(|(code, _)| *code == interaction).map_or(&OTHER, |(_, kind)| kind)
}

/// The action of an interaction: C, R, U, D or E.
pub(super) fn action_of(interaction: &str) -> &'static str {
    kind(interaction).action
}

/// What an event is rendered from.
pub(super) struct Event<'a> {
    /// Its id.
    pub id: &'a ResourceId,
    /// The record.
    pub record: &'a AccessRecord,
    /// The patient it is about; `None` where the record names nobody.
    pub patient: Option<&'a ResourceId>,
    /// Names the server.
    pub origin: &'a str,
    /// Whether the reader may see what was asked to the letter: a query may name other patients.
    pub whole: bool,
}

impl Event<'_> {
    /// The resource as JSON.
    pub fn render(&self) -> String {
        let record = self.record;
        let mut members = vec![
            r#""resourceType":"AuditEvent""#.to_owned(),
            format!(r#""id":{}"#, quoted(self.id.as_str())),
            self.meta(),
            format!(r#""type":{REST}"#),
            format!(r#""subtype":[{}]"#, subtype(&record.interaction)),
            format!(r#""action":"{}""#, action_of(&record.interaction)),
            format!(r#""recorded":"{}""#, record.at),
            format!(r#""outcome":"{}""#, outcome(record)),
            format!(r#""agent":[{}]"#, self.agents().join(",")),
        ];
        let observer = identifier(self.origin);
        members.push(format!(r#""source":{{"observer":{observer},"type":[{SERVER}]}}"#));
        members.push(format!(r#""entity":[{}]"#, self.entities().join(",")));
        format!("{{{}}}", members.join(","))
    }

    /// Profiles are claimed for what BALP describes: access that was granted and succeeded, told
    /// in full.
    fn meta(&self) -> String {
        let mut members =
            vec![r#""versionId":"1""#.to_owned(), format!(r#""lastUpdated":"{}""#, self.record.at)];
        let profile = kind(&self.record.interaction).profile;
        let has_entity = match profile {
            "Query" => self.whole && !self.record.query.is_empty(),
            _ => self.data().is_some(),
        };
        if !profile.is_empty() && outcome(self.record) == "0" && has_entity {
            let variant = if self.patient.is_some() { "Patient" } else { "" };
            members.push(format!(r#""profile":["{PROFILES}{variant}{profile}"]"#));
        }
        format!(r#""meta":{{{}}}"#, members.join(","))
    }

    fn agents(&self) -> Vec<String> {
        // Data flows to whoever reads, and from whoever writes or asks (BALP 1.1, Read and Query).
        let reads = action_of(&self.record.interaction) == "R";
        let (from, to) = (dcm("110153", "Source Role ID"), dcm("110152", "Destination Role ID"));
        let (client, server) = if reads { (&to, &from) } else { (&from, &to) };
        let who = self.record.who.as_deref();
        let app = who.and_then(|who| who.grant.as_ref()).map(|grant| grant.client.as_str());
        let app = app.filter(|app| !app.is_empty()).unwrap_or("unknown");
        let mut agents = vec![
            agent(client, &identifier(app), r#""requestor":false,"network":{"type":"5"}"#),
            agent(server, &identifier(self.origin), r#""requestor":false,"network":{"type":"5"}"#),
        ];
        if let Some(who) = who {
            agents.extend(users(who, kind(&self.record.interaction).user));
        }
        agents
    }

    fn entities(&self) -> Vec<String> {
        let record = self.record;
        let mut entities = Vec::new();
        if let Some(patient) = self.patient {
            let what = format!(r#""what":{{"reference":"Patient/{patient}"}}"#);
            entities.push(entity(("1", "Person"), Some(("1", "Patient")), &what));
        }
        if let Some(target) = self.data() {
            let what = format!(r#""what":{}"#, target_reference(target));
            entities.push(entity(("2", "System Object"), Some(("4", "Domain Resource")), &what));
        }
        if !record.query.is_empty() && self.whole {
            let query = format!(r#""query":"{}""#, STANDARD.encode(&record.query));
            entities.push(entity(("2", "System Object"), Some(("24", "Query")), &query));
        }
        let value = quoted(&record.request_id);
        entities.push(format!(
            r#"{{"what":{{"identifier":{{"value":{value}}}}},"type":{{"system":"{BALP_ENTITIES}","code":"XrequestId"}}}}"#
        ));
        entities
    }

    /// The resource that the request named, unless it is another patient.
    fn data(&self) -> Option<&Target> {
        let target = self.record.target.as_ref().filter(|target| target.id.is_some())?;
        let other = target.resource_type == "Patient" && target.id.as_ref() != self.patient;
        (self.whole || !other).then_some(target)
    }
}

const SERVER: &str = r#"{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}"#;

/// 0 success, 4 what the asker could mend, 8 what they could not (audit-event-outcome).
fn outcome(record: &AccessRecord) -> &'static str {
    match record.status {
        500.. => "8",
        400.. => "4",
        _ if !record.decision.permit => "4",
        _ => "0",
    }
}

fn subtype(interaction: &str) -> String {
    const RESTFUL: &str = "http://hl7.org/fhir/restful-interaction";
    // Operations have one code; which it was is its display.
    if interaction.starts_with('$') {
        let display = quoted(interaction);
        return format!(r#"{{"system":"{RESTFUL}","code":"operation","display":{display}}}"#);
    }
    format!(r#"{{"system":"{RESTFUL}","code":{}}}"#, quoted(interaction))
}

/// The user and, where they acted for one, their organisation.
fn users(who: &Subject, user: &str) -> Vec<String> {
    let purpose = coding(REASONS, who.purpose.code(), None);
    let purpose = format!(r#""purposeOfUse":[{{"coding":[{purpose}]}}]"#);
    let role = quoted(who.role.code());
    let reference = match &who.principal {
        Principal::System { .. } => identifier("system"),
        _ => format!(r#"{{"reference":{}}}"#, quoted(&who.reference())),
    };
    let rest = format!(r#""role":[{{"text":{role}}}],"requestor":true,{purpose}"#);
    // A person who has no reference has at least a reason.
    let name = match &who.principal {
        Principal::System { reason } => format!(r#""name":{},"#, quoted(reason)),
        _ => String::new(),
    };
    let kind = coding(PARTICIPATION, user, None);
    let mut agents = vec![agent(&kind, &reference, &format!("{name}{rest}"))];
    if let Some(organization) = &who.organization {
        let kind = coding(USER_TYPES, "UserOrganization", None);
        let reference = format!(r#"{{"reference":"Organization/{organization}"}}"#);
        agents.push(agent(&kind, &reference, &format!(r#""requestor":false,{purpose}"#)));
    }
    agents
}

fn agent(kind: &str, who: &str, rest: &str) -> String {
    format!(r#"{{"type":{{"coding":[{kind}]}},"who":{who},{rest}}}"#)
}

fn dcm(code: &str, display: &str) -> String {
    coding(DCM, code, Some(display))
}

fn coding(system: &str, code: &str, display: Option<&str>) -> String {
    let display =
        display.map_or_else(String::new, |text| format!(r#","display":{}"#, quoted(text)));
    format!(r#"{{"system":"{system}","code":{}{display}}}"#, quoted(code))
}

fn identifier(value: &str) -> String {
    format!(r#"{{"identifier":{{"value":{}}}}}"#, quoted(value))
}

fn entity(kind: (&str, &str), role: Option<(&str, &str)>, rest: &str) -> String {
    let kind = coding(ENTITY_TYPES, kind.0, Some(kind.1));
    let role = role.map_or_else(String::new, |(code, display)| {
        format!(r#""role":{},"#, coding(ENTITY_ROLES, code, Some(display)))
    });
    format!(r#"{{"type":{kind},{role}{rest}}}"#)
}

fn target_reference(target: &Target) -> String {
    let id = target.id.as_ref().map_or("", |id| id.as_str());
    let version = target.version.map_or_else(String::new, |n| format!("/_history/{n}"));
    format!(r#"{{"reference":{}}}"#, quoted(&format!("{}/{id}{version}", target.resource_type)))
}
