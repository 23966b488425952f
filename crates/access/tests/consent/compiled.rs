//! The compiled side: consents as the server reads and keeps them.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_access::consent::{
    Abilities, Action, AskedPurpose, Asker, Asking, Code, Context, Decided, Reading, Roll,
    RowLinks, Target, Verdict, decode, encode, read,
};
use accord_access::{RowView, label};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Row};
use accord_fhir::json::{Limits, parse};
use accord_fhir::reference::Reference;
use accord_spec::ResourceType;
use serde_json::Value;

use crate::common::Directory;
use crate::reference::{Request, Resource};

/// The rules of every patient.
pub struct Compiled {
    pub names: Directory,
    rolls: BTreeMap<String, Roll>,
    next: Row,
}

/// Reads a consent with all abilities.
pub fn reading(consent: &Value, abilities: Abilities) -> Option<Reading> {
    let tape = parse(consent.to_string().as_bytes(), Limits::default()).unwrap();
    let resolve = |value: accord_fhir::json::Value<'_>| {
        let text = value.get_str("reference")?;
        match Reference::relative(&text)? {
            Reference::Relative { resource_type, id, .. } => {
                Some((resource_type.to_owned(), id.to_owned()))
            }
            _ => None,
        }
    };
    let id = consent["id"].as_str().unwrap_or_default();
    read(tape.root(), id, Context { resolve: &resolve, abilities, zone: &accord_fhir::Utc })
}

pub const ABLE: Abilities = Abilities { membership: true, links: true };

struct Links<'a>(&'a Resource);

impl RowLinks for Links<'_> {
    fn has_id(&self, id: &str) -> Option<bool> {
        Some(self.0.reference.split('/').nth(1) == Some(id))
    }

    fn has_code(&self, code: &Code) -> Option<bool> {
        Some(self.0.codes.contains(&(code.system.clone(), code.code.clone())))
    }

    fn is_related(&self, target: &Target) -> Option<bool> {
        Some(self.0.related.contains(&text(target)))
    }

    fn depends_on(&self, target: &Target, _: &[PatientOrd]) -> Option<bool> {
        Some(self.0.depends_on.contains(&text(target)))
    }
}

fn text(target: &Target) -> String {
    format!("{}/{}", target.resource_type.name(), target.id)
}

impl Compiled {
    pub fn new() -> Compiled {
        Compiled { names: Directory::new(), rolls: BTreeMap::new(), next: Row(0) }
    }

    pub fn add(&mut self, consent: &Value) {
        let reading = reading(consent, ABLE).expect("an active privacy consent");
        assert_eq!(reading.faults, [], "{consent}");
        let named = reading.rules.unwrap();
        let rule = named.resolve(|space, name| self.names.ordinal(space, name));
        // What is kept is what was compiled.
        let bytes = encode(&rule);
        assert_eq!(decode(&bytes).as_ref(), Some(&rule));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        let roll = self.rolls.entry(format!("Patient/{}", named.patient)).or_default();
        let keeper = OrgOrd(
            self.names
                .ordinal(NameSpace::Organization, consent["_keptBy"].as_str().unwrap_or("north")),
        );
        roll.insert(self.next, keeper, Arc::new(rule));
        self.next = self.next.next();
    }

    /// The verdict of one patient's consents.
    pub fn verdict(&mut self, patient: &str, request: &Request, resource: &Resource) -> Verdict {
        self.decide(patient, request, resource, |decided| decided.verdict)
    }

    /// The same with what decided.
    pub fn decide<T>(
        &mut self,
        patient: &str,
        request: &Request,
        resource: &Resource,
        with: impl Fn(Decided<'_>) -> T,
    ) -> T {
        let Some(roll) = self.rolls.get(patient).cloned() else {
            return with(Decided { verdict: Verdict::Silent, by: None });
        };
        let asker = self.asker(request);
        let asking = Asking {
            asker: &asker,
            action: match request.action.as_str() {
                "access" => Action::Read,
                "disclose" => Action::Disclose,
                "collect" => Action::Collect,
                _ => Action::Correct,
            },
            now: LogTime(request.now as u64),
            or_labels: request.or_labels,
            person: &[],
        };
        let patients: Vec<PatientOrd> = resource
            .patients
            .iter()
            .map(|p| PatientOrd(self.names.ordinal(NameSpace::Patient, id(p))))
            .collect();
        let authors: Vec<ActorOrd> = resource
            .authors
            .iter()
            .map(|a| ActorOrd(self.names.ordinal(NameSpace::Actor, a)))
            .collect();
        let controller = resource.controller.as_deref();
        let codings = resource.labels.iter().map(|code| match label::Level::from_code(code) {
            Some(_) => (label::CONFIDENTIALITY, code.as_str()),
            None => (label::SENSITIVITY, code.as_str()),
        });
        let row = RowView {
            resource_type: ResourceType::from_name(resource.reference.split('/').next().unwrap())
                .unwrap(),
            deleted: false,
            controller: controller.map_or(OrgOrd::COMMONS, |c| {
                OrgOrd(self.names.ordinal(NameSpace::Organization, id(c)))
            }),
            patients: &patients,
            labels: label::bits(codings),
            clinical_day: resource.day.map_or(i32::MIN, |day| day as i32),
            authors: &authors,
            links: Some(&Links(resource)),
        };
        with(roll.decide(&asking, &row))
    }

    fn asker(&mut self, request: &Request) -> Asker {
        let mut asker = Asker {
            organizations: Default::default(),
            actors: Default::default(),
            perhaps: Default::default(),
            treats: request.treats,
            purpose: AskedPurpose::of(&request.purpose.0, &request.purpose.1).unwrap(),
        };
        let mut actors = Vec::new();
        for reference in &request.references {
            match reference.strip_prefix("Organization/") {
                Some(id) => {
                    let ordinal = self.names.ordinal(NameSpace::Organization, id);
                    asker.organizations.push(OrgOrd(ordinal));
                }
                None => {
                    let ordinal = self.names.ordinal(NameSpace::Actor, reference);
                    actors.push(ActorOrd(ordinal));
                }
            }
        }
        asker.actors = actors.into();
        let perhaps = request.perhaps.iter();
        asker.perhaps =
            perhaps.map(|group| ActorOrd(self.names.ordinal(NameSpace::Actor, group))).collect();
        asker
    }
}

fn id(reference: &str) -> &str {
    reference.split('/').nth(1).unwrap()
}
