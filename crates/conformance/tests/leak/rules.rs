//! Who sees what, read naively from `docs/access.md`: texts and lists, document by document.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use accord_base::{Purpose, Role, Subject};
use accord_conformance::naive::{all, texts};
use accord_engine::Version;
use serde_json::Value;

use crate::consents::{day, name, say};
use crate::facts::{Fact, Part, Terms, What, claim, facts, goes_with_claim, is_claim};
use crate::linked::Linked;
use crate::people::{Merges, Transferred};
use crate::reference::{Resource, Says};
use crate::tokens::{may_read, under_scopes};

/// Types of the directory that the worlds of these tests hold.
pub const DIRECTORY: [&str; 8] = [
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Medication",
    "PlanDefinition",
    "SearchParameter",
];
/// Administrative types that the worlds hold.
pub const ADMINISTRATIVE: [&str; 7] = [
    "Appointment",
    "CareTeam",
    "Coverage",
    "Encounter",
    "EpisodeOfCare",
    "Patient",
    "RelatedPerson",
];

/// Elements that put a resource into a patient's compartment (FHIR R4 CompartmentDefinition
/// patient), for the types that the worlds hold. A type that is missing here fails the test.
const COMPARTMENT: [(&str, &str); 29] = [
    ("Patient", "link.other"),
    ("AllergyIntolerance", "patient|recorder|asserter"),
    ("Appointment", "participant.actor"),
    ("Basic", "subject|author"),
    ("CareTeam", "subject|participant.member"),
    ("Claim", "patient|payee.party"),
    ("ClaimResponse", "patient"),
    ("Communication", "subject|sender|recipient"),
    ("Condition", "subject|asserter"),
    ("Consent", "patient"),
    ("Contract", ""),
    ("Coverage", "policyHolder|subscriber|beneficiary|payor"),
    ("DiagnosticReport", "subject"),
    ("DocumentReference", "subject|author"),
    ("Encounter", "subject"),
    ("EpisodeOfCare", "patient"),
    ("ExplanationOfBenefit", "patient|payee.party"),
    ("Flag", "subject"),
    ("Group", "member.entity"),
    ("Immunization", "patient"),
    ("List", "subject|source"),
    ("MedicationDispense", "subject|receiver"),
    ("MedicationRequest", "subject"),
    ("MedicationStatement", "subject"),
    ("Observation", "subject|performer"),
    ("Procedure", "subject|performer.actor"),
    ("RelatedPerson", "patient"),
    ("ServiceRequest", "subject|performer"),
    ("Task", ""),
];

/// Authors, for the types of which the worlds hold resources that name no patient.
const AUTHORS: [(&str, &str); 5] = [
    ("Basic", "author"),
    ("Communication", "sender"),
    ("List", "source"),
    ("Observation", "performer"),
    ("Task", "requester"),
];

/// Labels of which neither consents nor agreements speak.
const MARKS: [&str; 2] = ["NOPAT", "42CFRPart2"];

/// Who answers for what is shared by all; no organisation has this id.
pub const COMMONS: &str = "#commons";

/// A version with what decisions rest on.
#[derive(Clone)]
pub struct Row {
    pub kind: String,
    pub id: String,
    pub version: u32,
    pub deleted: bool,
    pub body: Value,
    /// The same; of a deletion, what was deleted.
    pub content: Value,
    pub controller: String,
    /// From which version on, by its place in the list, who answers for it.
    pub moved: Vec<(usize, String)>,
    pub patients: BTreeSet<String>,
    authors: BTreeSet<String>,
    day: Option<i64>,
    pub facts: Vec<Fact>,
    /// Whether it is a claim of access.
    pub claim: bool,
    /// Codes of security labels.
    pub labels: BTreeSet<String>,
    /// Whether a later version followed.
    pub superseded: bool,
    linked: Linked,
}

impl Row {
    /// Who answers for it once the version at a place is written.
    pub fn controller_at(&self, at: usize) -> &str {
        let moved = self.moved.iter().rfind(|(from, _)| *from <= at);
        moved.map_or(&self.controller, |(_, controller)| controller)
    }

    /// The version as the consents of a patient see it.
    fn resource(&self, patient: &str) -> Resource {
        Resource {
            reference: format!("{}/{}", self.kind, self.id),
            controller: (self.controller != COMMONS)
                .then(|| format!("Organization/{}", self.controller)),
            patients: self.patients.iter().map(|id| format!("Patient/{id}")).collect(),
            // Those of which consents speak.
            labels: self.labels.iter().filter(|l| !MARKS.contains(&l.as_str())).cloned().collect(),
            day: self.day,
            authors: self.authors.iter().cloned().collect(),
            codes: self.linked.codes.clone(),
            related: self.linked.related.iter().cloned().collect(),
            depends_on: self
                .linked
                .depends_on
                .get(patient)
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        }
    }
}

/// Who wrote a version, and on whose behalf.
#[derive(Clone)]
pub struct Written {
    pub role: Role,
    pub controller: String,
}

/// All versions of a store, oldest first, with what decisions rest on.
pub fn rows(
    versions: Vec<Version>,
    journal: &BTreeMap<(String, String, u32), Written>,
    transfers: &[Transferred],
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(versions.len());
    let mut writers = Vec::with_capacity(versions.len());
    let mut newest: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut merges = Merges::default();
    let mut transfers = transfers.iter().peekable();
    for version in versions {
        while let Some(transfer) = transfers.next_if(|t| t.at <= version.last_updated) {
            transfer.carry_out(&mut rows, &merges);
        }
        let (kind, id) = (version.resource_type.name().to_owned(), version.id.to_string());
        let before = newest.insert((kind.clone(), id.clone()), rows.len());
        if let Some(before) = before {
            rows[before].superseded = true;
        }
        let before = before.map(|at| &rows[at]);
        let mut row = row(version, kind, id, before, journal);
        row.moved = vec![(0, row.controller.clone())];
        merges.take(&row);
        // An emergency is about the person, as far as is known when it is claimed.
        let claimed = row.facts.clone();
        for fact in claimed.iter().filter(|f| matches!(f.what, What::Emergency(_))) {
            let others = merges.person(&fact.patient).into_iter().filter(|p| *p != fact.patient);
            row.facts.extend(others.map(|patient| Fact { patient, ..fact.clone() }));
        }
        let name = (row.kind.clone(), row.id.clone(), row.version);
        writers.push(journal.get(&name).map(|written| written.role));
        rows.push(row);
    }
    crate::labels::settle(&mut rows, &writers);
    let linked = Linked::of_all(&rows, &|patient| merges.person(patient));
    rows.iter_mut().zip(linked).for_each(|(row, linked)| row.linked = linked);
    rows
}

fn row(
    version: Version,
    kind: String,
    id: String,
    before: Option<&Row>,
    journal: &BTreeMap<(String, String, u32), Written>,
) -> Row {
    let (number, deleted) = (version.version, version.deleted);
    if deleted {
        let before = before.expect("something was deleted");
        let (patients, authors) = (before.patients.clone(), before.authors.clone());
        let (controller, body, facts) = (before.controller.clone(), Value::Null, Vec::new());
        let (claim, labels) = (before.claim, before.labels.clone());
        let superseded = false;
        let content = before.content.clone();
        return Row {
            kind,
            id,
            version: number,
            deleted,
            body,
            content,
            controller,
            moved: Vec::new(),
            patients,
            authors,
            day: before.day,
            facts,
            claim,
            labels,
            superseded,
            linked: Linked::default(),
        };
    }
    let body: Value = serde_json::from_str(&version.body).unwrap();
    let written = &journal[&(kind.clone(), id.clone(), number)];
    let mut patients =
        references(&body, paths(&COMPARTMENT, &kind, DIRECTORY.contains(&&*kind)), "Patient/");
    if kind == "Patient" {
        patients.insert(id.clone());
    }
    let directory = DIRECTORY.contains(&&*kind) && patients.is_empty();
    let labels = crate::labels::stated(&body);
    let opens = kind == "Task" && is_claim(&body);
    let is_claim = ["Task", "Communication"].contains(&&*kind) && goes_with_claim(&body);
    if kind == "Task" {
        patients.extend(crate::facts::target(&body["for"], "Patient/"));
    }
    let shared = directory && written.role == Role::System;
    let stated = if shared { COMMONS.to_owned() } else { written.controller.clone() };
    let controller = before.map_or(stated.clone(), |before| before.controller.clone());
    let author_paths = AUTHORS.iter().find(|(k, _)| *k == kind).map_or("", |(_, paths)| paths);
    let authors =
        if author_paths.is_empty() { BTreeSet::new() } else { texts_of(&body, author_paths) };
    let day = day(&body);
    let standing = before.map(|before| before.facts.as_slice()).unwrap_or_default();
    let facts = match is_claim {
        true if number > 1 || !opens => Vec::new(),
        true => claim(&body, written.role, version.last_updated.0 as i64),
        false => facts(&kind, &id, &body, &controller, written.role, standing),
    };
    Row {
        kind,
        id,
        version: number,
        deleted,
        content: body.clone(),
        body,
        controller,
        moved: Vec::new(),
        patients,
        authors,
        day,
        facts,
        claim: is_claim,
        labels,
        superseded: false,
        linked: Linked::default(),
    }
}

/// Whether an agreement covers the type and the labels of a row.
fn covers(terms: &Terms, row: &Row) -> bool {
    let class = match &*row.kind {
        "Claim" | "ClaimResponse" | "ExplanationOfBenefit" => "claims",
        "Coverage" => "coverage",
        "Task" => "task",
        "Consent" => "consent",
        "Contract" => "agreement",
        kind if ADMINISTRATIVE.contains(&kind) => "administrative",
        kind if DIRECTORY.contains(&kind) => "directory",
        _ => "clinical",
    };
    let typed = terms.assets.iter().any(|asset| *asset == row.kind || asset == class);
    typed && !row.claim && labels_covered(&terms.sensitivities, terms.restricted, row)
}

/// Whether someone who sees these sensitivities, and restricted data perhaps, sees the row.
fn labels_covered(seen: &[String], restricted: bool, row: &Row) -> bool {
    let others = ["U", "L", "M", "N", "R", "V", "NOPAT", "42CFRPart2"];
    let mut sensitivities = row.labels.iter().filter(|code| !others.contains(&code.as_str()));
    // All sensitivities of these worlds make data restricted by themselves.
    let caused = sensitivities.clone().next().is_some();
    let level = !row.labels.contains("V") && (!row.labels.contains("R") || caused || restricted);
    level && sensitivities.all(|code| seen.contains(code))
}

/// Whether a row is of the part of a record that a seal closes.
fn is_part(part: &Part, row: &Row) -> bool {
    // All sensitivities of these worlds make data restricted by themselves; marks do not.
    let level = |code: &str| match code {
        "N" | "NOPAT" | "42CFRPart2" => 0,
        "V" => 2,
        _ => 1,
    };
    let highest = row.labels.iter().map(|code| level(code)).max().unwrap_or(0);
    let labelled = |code: &String| match code.as_str() {
        "N" | "R" | "V" => highest >= level(code),
        sensitivity => row.labels.contains(sensitivity),
    };
    (part.types.is_empty() || part.types.contains(&row.kind))
        && (part.labels.is_empty() || part.labels.iter().any(labelled))
        && (part.data.is_empty() || part.data.contains(&format!("{}/{}", row.kind, row.id)))
}

fn paths(table: &[(&str, &'static str)], kind: &str, may_miss: bool) -> &'static str {
    match table.iter().find(|(k, _)| *k == kind) {
        Some((_, paths)) => paths,
        None if may_miss => "",
        None => panic!("the compartment of `{kind}` is not in the table"),
    }
}

fn texts_of(body: &Value, paths: &str) -> BTreeSet<String> {
    let elements = all(body, paths);
    elements.iter().filter_map(|e| e["reference"].as_str()).map(str::to_owned).collect()
}

fn references(body: &Value, paths: &str, prefix: &str) -> BTreeSet<String> {
    let found = texts_of(body, paths);
    found.iter().filter_map(|text| text.strip_prefix(prefix)).map(str::to_owned).collect()
}

/// By what references a subject goes, and by which they may.
pub struct Groups {
    pub references: Vec<String>,
    pub perhaps: Vec<String>,
}

/// What holds at an instant.
pub struct Rules<'a> {
    pub rows: &'a [Row],
    now: i64,
    /// Consents that live, by the patient's id.
    consents: BTreeMap<String, Vec<Value>>,
    /// Current versions by type and id, deletions left out.
    newest: BTreeMap<(String, String), u32>,
    merges: Merges,
}

impl<'a> Rules<'a> {
    pub fn new(rows: &'a [Row], now: i64) -> Rules<'a> {
        let mut consents: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.kind == "Consent" && !row.superseded) {
            let seal = texts(&row.body, "meta.profile").contains(&"urn:accord:profile:seal");
            if seal || crate::facts::is_grant(&row.body) {
                continue;
            }
            let privacy = texts(&row.body, "scope.coding.code").contains(&"patient-privacy");
            let patient = row.body["patient"]["reference"].as_str().unwrap_or_default();
            if let (true, Some(patient)) = (privacy, patient.strip_prefix("Patient/")) {
                let mut consent = row.body.clone();
                consent["_keptBy"] = row.controller.clone().into();
                consents.entry(patient.to_owned()).or_default().push(consent);
            }
        }
        let live = rows.iter().filter(|row| !row.superseded && !row.deleted);
        let newest = live.map(|row| ((row.kind.clone(), row.id.clone()), row.version)).collect();
        let mut merges = Merges::default();
        rows.iter().filter(|row| !row.superseded).for_each(|row| merges.take(row));
        Rules { rows, now, consents, newest, merges }
    }

    /// Facts of versions that live, about a patient, that hold now.
    fn holds(&self, patient: &str, wanted: impl Fn(&What, &Row) -> bool) -> bool {
        let living = self.rows.iter().filter(|row| !row.superseded);
        let mut facts = living.flat_map(|row| row.facts.iter().map(move |fact| (fact, row)));
        facts.any(|(fact, row)| {
            fact.patient == patient
                && fact.from <= self.now
                && self.now < fact.until
                && wanted(&fact.what, row)
        })
    }

    fn cares(&self, patient: &str, subject: &Subject) -> bool {
        let own = subject.organization.as_ref().unwrap().as_str();
        let stated = self.holds(patient, |what, row| match what {
            What::OrganizationCares(organization) => organization == own,
            What::ActorCares(actor) => *actor == subject.reference() && row.controller == own,
            _ => false,
        });
        stated || self.emergency(patient, subject)
    }

    fn emergency(&self, patient: &str, subject: &Subject) -> bool {
        let own = subject.organization.as_ref().unwrap().as_str();
        self.holds(patient, |what, row| {
            *what == What::Emergency(subject.reference()) && row.controller == own
        })
    }

    /// Whether a controller sent the patient to the subject's organisation: by referral, or as
    /// covered by it.
    fn sent(&self, controller: &str, patient: &str, subject: &Subject) -> bool {
        let own = subject.organization.as_ref().unwrap().to_string();
        let way = match subject.role {
            Role::Payor => What::Covered(own),
            _ => What::Referred(own),
        };
        self.holds(patient, |what, row| *what == way && row.controller == controller)
    }

    /// Codes of what is owed with a visible version that its controller shares.
    pub fn owed(&self, subject: &Subject, kind: &str, id: &str, version: u32) -> Vec<&'static str> {
        let is = |row: &&Row| row.kind == kind && row.id == id && row.version == version;
        let row = &self.joined(self.rows.iter().find(is).unwrap());
        let shares = matches!(subject.role, Role::Clinician | Role::Pharmacist | Role::Payor);
        let directory = row.patients.is_empty() && DIRECTORY.contains(&&*row.kind);
        let own = subject.organization.as_ref().map(|own| own.as_str());
        if !shares || directory || own == Some(&*row.controller) || row.controller == COMMONS {
            return Vec::new();
        }
        let mut owed = Vec::new();
        if !self.shared(row, subject, |terms| terms.onward) {
            owed.push("NORDSCLCD");
        }
        if !self.shared(row, subject, |terms| !terms.notice) {
            owed.push("PRIVMARK");
        }
        owed
    }

    /// Whether the subject's organisation has a relationship with the patient by its own word.
    fn own(&self, patient: &str, subject: &Subject) -> bool {
        match (subject.role, &subject.organization) {
            (Role::Payor, Some(own)) => self.sent(own.as_str(), patient, subject),
            _ => self.cares(patient, subject),
        }
    }

    /// Whether an agreement opens a row of another controller, and is as wanted.
    fn shared(&self, row: &Row, subject: &Subject, wanted: impl Fn(&Terms) -> bool) -> bool {
        let own = subject.organization.as_ref().unwrap().as_str();
        self.holds("", |what, stating| {
            let What::Shares(recipient, terms) = what else { return false };
            let treats = matches!(subject.role, Role::Clinician | Role::Pharmacist);
            let whom = |patient: &String| {
                if terms.of_urgent {
                    return treats && self.emergency(patient, subject);
                }
                self.sent(&row.controller, patient, subject)
                    || terms.of_all && self.own(patient, subject)
            };
            wanted(terms)
                && recipient == own
                && stating.controller == row.controller
                && terms.roles.iter().any(|role| role == subject.role.code())
                && terms.purposes.iter().any(|purpose| purpose == subject.purpose.code())
                && covers(terms, row)
                && row.patients.iter().any(whom)
        })
    }

    /// Whether a patient's consents keep a resource from the subject.
    fn denies(
        &self,
        patient: &str,
        subject: &Subject,
        action: &str,
        (resource, labels): (&Resource, &BTreeSet<String>),
    ) -> bool {
        let consents = self.consents.get(patient).map(Vec::as_slice).unwrap_or_default();
        let groups = self.groups(subject);
        let says = say(consents, (subject, &groups, action, self.now), resource);
        let part_2 = labels.contains("42CFRPart2");
        says == Says::Deny || part_2 && action == "disclose" && says == Says::Nothing
    }

    /// By what the subject goes: themselves, their organisation, and whatever these belong to.
    fn groups(&self, subject: &Subject) -> Groups {
        let own = subject.organization.as_ref().map(|own| own.to_string());
        let closure = |seeds: Vec<String>| {
            let mut all = seeds;
            let mut at = 0;
            while at < all.len() {
                let member = all[at].clone();
                at += 1;
                for row in self.rows.iter().filter(|row| !row.superseded) {
                    for fact in &row.facts {
                        let What::Belongs(group, who, to) = &fact.what else { continue };
                        let acts = to.is_none() || *to == own;
                        let now = fact.from <= self.now && self.now < fact.until;
                        if *who == member && acts && now && !all.contains(group) {
                            all.push(group.clone());
                        }
                    }
                }
            }
            all
        };
        let mut me = vec![subject.reference()];
        me.extend(own.as_ref().map(|own| format!("Organization/{own}")));
        Groups { references: closure(me), perhaps: closure(vec!["*".to_owned()]) }
    }

    /// Whether it is protected where any patient is.
    pub fn protects_anyone(&self) -> bool {
        self.rows.iter().flat_map(|row| &row.patients).any(|patient| self.protected(patient))
    }

    fn protected(&self, patient: &str) -> bool {
        self.holds(patient, |what, _| *what == What::Protected)
    }

    /// Whether anybody's whereabouts are protected.
    pub fn protects(&self) -> bool {
        let living = self.rows.iter().filter(|row| !row.superseded);
        living.flat_map(|row| &row.facts).any(|fact| fact.what == What::Protected)
    }

    /// Whether the law closes a row.
    fn unlawful(&self, row: &Row, subject: &Subject) -> bool {
        let own = subject.organization.as_ref().unwrap().as_str();
        let abroad = row.controller != own && row.patients.iter().any(|p| self.protected(p));
        let opted_out = ["national-data-opt-out", "type-1-opt-out"].into_iter().any(|regime| {
            let at = |what: What, patient: &str| {
                self.holds(patient, |stated, stating| {
                    *stated == what && stating.controller == row.controller
                })
            };
            let cleared = |p: &String| at(What::Cleared(regime.to_owned()), p);
            at(What::Honours(regime.to_owned()), "") && !row.patients.iter().all(cleared)
        });
        let beyond = matches!(subject.purpose, Purpose::Hoperat | Purpose::Hresch);
        abroad || beyond && opted_out
    }

    /// Whether somebody who acts for patients sees a row.
    fn acts(&self, row: &Row, subject: &Subject) -> bool {
        let me = subject.reference();
        let given = |patient: &String| {
            self.holds(patient, |what, _| match what {
                What::ActsAs(who, types, sensitivities) => {
                    *who == me
                        && (types.is_empty() || types.contains(&row.kind))
                        && labels_covered(sensitivities, false, row)
                }
                _ => false,
            })
        };
        // Leave that names one record of a person is about the person.
        let sees = |patient: &String| self.merges.person(patient).iter().any(given);
        let groups = self.groups(subject);
        let named = |patient: &String| {
            let resource = row.resource(patient);
            let consents = self.consents.get(patient).map(Vec::as_slice).unwrap_or_default();
            ["access", "disclose"]
                .iter()
                .any(|action| name(consents, (subject, &groups, action, self.now), &resource))
        };
        !row.patients.is_empty()
            && row.patients.iter().all(|p| sees(p) && !self.protected(p) && !named(p))
    }

    /// Whether the directory says that the subject does not act for their organisation.
    pub fn has_left(&self, subject: &Subject) -> bool {
        let (Some(own), who) = (&subject.organization, subject.reference()) else { return false };
        let says = |wanted: bool| {
            self.holds("", |what, _| *what == What::ActsFor(own.to_string(), who.clone(), wanted))
        };
        says(false) && !says(true)
    }

    /// Whether the patient is in the subject's care and lets them write an Observation of which
    /// nothing is known.
    pub fn treats(&self, patient: &str, subject: &Subject) -> bool {
        let treating = matches!(subject.role, Role::Clinician | Role::Pharmacist);
        let plain = || Resource {
            reference: "Observation/new".to_owned(),
            controller: Some(format!("Organization/{}", subject.organization.as_ref().unwrap())),
            patients: vec![format!("Patient/{patient}")],
            labels: Vec::new(),
            day: None,
            authors: vec!["Practitioner/dr-alder".to_owned()],
            codes: Vec::new(),
            related: Vec::new(),
            depends_on: Vec::new(),
        };
        let new = || Row {
            kind: "Observation".to_owned(),
            id: "new".to_owned(),
            version: 1,
            deleted: false,
            body: Value::Null,
            content: Value::Null,
            controller: subject.organization.as_ref().unwrap().to_string(),
            moved: Vec::new(),
            patients: BTreeSet::from([patient.to_owned()]),
            authors: BTreeSet::new(),
            day: None,
            facts: Vec::new(),
            claim: false,
            labels: BTreeSet::new(),
            superseded: false,
            linked: Linked::default(),
        };
        let person = self.merges.person(patient);
        let may = |action| {
            person.iter().all(|p| !self.keeps_out(p, subject, action, (&plain(), &BTreeSet::new())))
        };
        treating
            && person.iter().any(|p| self.cares(p, subject))
            && may("access")
            && may("collect")
            && !person.iter().any(|p| self.sealed(&new(), p, subject))
    }

    /// Whether a seal of its controller on the patient closes the row to the subject.
    fn sealed(&self, row: &Row, patient: &str, subject: &Subject) -> bool {
        let treats = matches!(subject.role, Role::Clinician | Role::Pharmacist);
        let opened = treats && self.emergency(patient, subject);
        self.closed(row, patient, subject, opened)
    }

    /// The same where an emergency does or does not open what is not locked.
    fn closed(&self, row: &Row, patient: &str, subject: &Subject, opened: bool) -> bool {
        let controller = &*row.controller;
        let at = |what: What| {
            self.holds(patient, |stated, row| *stated == what && row.controller == controller)
        };
        let own = subject.organization.as_ref().unwrap().as_str();
        let home = controller == own || controller == COMMONS || controller == "commons";
        let closed = at(What::Sealed(true)) || at(What::Sealed(false)) && !opened;
        let whole = closed && !(home && at(What::Unsealed(subject.reference())));
        let who = subject.reference();
        let part = self.holds(patient, |stated, stating| {
            let What::Part(part) = stated else { return false };
            stating.controller == controller
                && (part.locked || !opened)
                && !(home && part.team.contains(&who))
                && (stating.kind == row.kind && stating.id == row.id || is_part(part, row))
        });
        whole || part
    }

    /// Whether the patient denies a treating professional, who took no access in an emergency.
    fn keeps_out(
        &self,
        patient: &str,
        subject: &Subject,
        action: &str,
        resource: (&Resource, &BTreeSet<String>),
    ) -> bool {
        self.denies(patient, subject, action, resource) && !self.emergency(patient, subject)
    }

    /// Whether the version by itself exists for the subject.
    pub fn admits(&self, row: &Row, subject: &Subject) -> bool {
        self.admits_if(row, subject, false)
    }

    /// The same if what is sealed and not locked counted as open.
    pub fn admits_if(&self, row: &Row, subject: &Subject, opened: bool) -> bool {
        self.admits_named(&self.joined(row), subject, opened)
    }

    /// A row as naming everyone who is one person with a patient named.
    pub fn joined<'r>(&self, row: &'r Row) -> Cow<'r, Row> {
        let person: BTreeSet<String> =
            row.patients.iter().flat_map(|patient| self.merges.person(patient)).collect();
        if person == row.patients {
            return Cow::Borrowed(row);
        }
        Cow::Owned(Row { patients: person, ..row.clone() })
    }

    /// The same, with everyone named who is one person with a patient named.
    fn admits_named(&self, row: &Row, subject: &Subject, opened: bool) -> bool {
        if !may_read(subject.role, &row.kind) || !under_scopes(row, subject, |_| true) {
            return false;
        }
        if row.patients.is_empty() && DIRECTORY.contains(&&*row.kind) {
            return true;
        }
        let own = || subject.organization.as_ref().unwrap().as_str();
        let here = || row.controller == own() || row.controller == COMMONS;
        let by_them = || row.authors.contains(&subject.reference());
        let action = || if here() { "access" } else { "disclose" };
        let denied = || {
            let mut patients = row.patients.iter();
            patients.any(|patient| {
                let resource = row.resource(patient);
                self.denies(patient, subject, action(), (&resource, &row.labels))
            })
        };
        let sealed = || {
            let mut patients = row.patients.iter();
            patients.any(|patient| match opened {
                true => self.closed(row, patient, subject, true),
                false => self.sealed(row, patient, subject),
            })
        };
        match subject.role {
            Role::System => true,
            Role::Administrator => false,
            Role::Integration => row.controller == own(),
            Role::Patient => {
                let me = subject.reference();
                row.patients.iter().any(|patient| format!("Patient/{patient}") == me)
                    && !row.labels.contains("NOPAT")
            }
            Role::Proxy => self.acts(row, subject) && !row.labels.contains("NOPAT"),
            Role::Registration if row.patients.is_empty() => here() && by_them(),
            Role::Registration => here() && !denied() && !sealed() && !self.unlawful(row, subject),
            Role::Clinician | Role::Pharmacist if row.patients.is_empty() || row.claim => {
                here() && by_them()
            }
            Role::Clinician | Role::Pharmacist => {
                let related = if here() {
                    row.patients.iter().any(|p| self.cares(p, subject))
                } else {
                    self.shared(row, subject, |_| true)
                };
                let keeps_out = |p: &String| {
                    let resource = row.resource(p);
                    self.keeps_out(p, subject, action(), (&resource, &row.labels))
                };
                related
                    && !row.patients.iter().any(keeps_out)
                    && !sealed()
                    && !self.unlawful(row, subject)
            }
            Role::Payor => {
                let covered = |p: &String| self.sent(own(), p, subject);
                let related = if here() {
                    row.patients.iter().any(covered)
                } else {
                    self.shared(row, subject, |_| true)
                };
                related && !denied() && !sealed() && !self.unlawful(row, subject)
            }
            Role::Researcher => {
                let at = |what: What, patient: &str| {
                    self.holds(patient, |stated, stating| {
                        *stated == what && stating.controller == own()
                    })
                };
                let regime = || "national-data-opt-out".to_owned();
                let cleared = |p: &String| at(What::Cleared(regime()), p);
                row.controller == own()
                    && !row.patients.is_empty()
                    && at(What::Honours(regime()), "")
                    && row.patients.iter().all(cleared)
                    && !denied()
                    && !sealed()
                    && !self.unlawful(row, subject)
            }
            Role::PrivacyOfficer => {
                let governed = ["Consent", "Contract"].contains(&&*row.kind);
                row.controller == own() && (governed || row.claim)
            }
        }
    }

    /// Whether the current version of a resource is among the visible ones, and no deletion.
    pub fn lives(&self, visible: &BTreeSet<(String, String, u32)>, kind: &str, id: &str) -> bool {
        let newest = self.newest.get(&(kind.to_owned(), id.to_owned()));
        newest.is_some_and(|version| visible.contains(&(kind.to_owned(), id.to_owned(), *version)))
    }

    /// The versions that exist for the subject: those admitted whose newest version is as well.
    pub fn visible(&self, subject: &Subject) -> BTreeSet<(String, String, u32)> {
        let admitted: Vec<&Row> =
            self.rows.iter().filter(|row| self.admits(row, subject)).collect();
        let newest: BTreeSet<(&str, &str)> = admitted
            .iter()
            .filter(|row| !row.superseded)
            .map(|row| (&*row.kind, &*row.id))
            .collect();
        let seen = admitted.iter().filter(|row| newest.contains(&(&*row.kind, &*row.id)));
        seen.map(|row| (row.kind.clone(), row.id.clone(), row.version)).collect()
    }
}
