//! What resources state about who cares for whom, and who is kept out.

use accord_base::Role;
use accord_conformance::naive::{all, span, text, texts};
use serde_json::Value;

const NEVER: i64 = i64::MAX;
const DAY: i64 = 86_400 * 1_000_000;
const RECENT: i64 = 90 * DAY;

#[derive(Clone, PartialEq, Debug)]
pub enum What {
    OrganizationCares(String),
    ActorCares(String),
    /// Organisation, professional, and whether they act for it.
    ActsFor(String, String, bool),
    /// To an organisation, by the stating controller.
    Referred(String),
    /// By a payor, as the stating controller says.
    Covered(String),
    /// By a professional acting for the stating controller.
    Emergency(String),
    /// At the stating controller; whether an emergency does not open it.
    Sealed(bool),
    /// To a professional acting for the stating controller.
    Unsealed(String),
    /// Part of the record, at the stating controller.
    Part(Part),
    /// By a person, in types (all where there are none), with these sensitivities.
    ActsAs(String, Vec<String>, Vec<String>),
    Protected,
    /// By the stating controller.
    Honours(String),
    /// By the stating controller's word.
    Cleared(String),
    /// To a group, whom, and when acting for which organisation.
    Belongs(String, String, Option<String>),
    /// With an organisation, by the stating controller.
    Shares(String, Terms),
}

/// What a term of an agreement opens.
#[derive(Clone, PartialEq, Debug)]
pub struct Terms {
    /// Codes of types and classes.
    pub assets: Vec<String>,
    pub roles: Vec<String>,
    pub purposes: Vec<String>,
    pub of_all: bool,
    /// Of patients of an emergency alone.
    pub of_urgent: bool,
    pub onward: bool,
    pub notice: bool,
    pub restricted: bool,
    pub sensitivities: Vec<String>,
}

/// What a seal on part of a record closes, and to whom not.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    pub locked: bool,
    pub types: Vec<String>,
    pub labels: Vec<String>,
    pub data: Vec<String>,
    pub team: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Fact {
    /// Empty where the fact is about none.
    pub patient: String,
    pub what: What,
    pub from: i64,
    pub until: i64,
}

/// What a version states, given what the version before did.
pub fn facts(
    kind: &str,
    id: &str,
    body: &Value,
    controller: &str,
    writer: Role,
    standing: &[Fact],
) -> Vec<Fact> {
    let mut found = match kind {
        "Encounter" => encounter(body, controller),
        "Appointment" => appointment(body, controller),
        "EpisodeOfCare" => episode(body),
        "PractitionerRole" => return post(id, body, controller),
        "RelatedPerson" => related_person(id, body),
        "CareTeam" => care_team(id, body, controller),
        "Patient" => managing(id, body),
        "Group" => group(id, body),
        "List" => cleared(body),
        "Consent" if is_grant(body) => grant(body),
        "ServiceRequest" => referral(body, controller),
        "Coverage" => coverage(body),
        "Contract" => {
            let entitled = [Role::System, Role::Integration, Role::PrivacyOfficer];
            return if entitled.contains(&writer) { agreement(body, controller) } else { vec![] };
        }
        "Consent" if texts(body, "meta.profile").contains(&"urn:accord:profile:seal") => {
            return seal(body);
        }
        _ => Vec::new(),
    };
    found.retain(|fact| match &fact.what {
        What::OrganizationCares(organization) => organization == controller,
        _ => true,
    });
    if matches!(writer, Role::System | Role::Integration | Role::Registration) {
        return found;
    }
    // No more than the version before stated as well, and no less of what keeps people out.
    let closes =
        |fact: &&Fact| matches!(fact.what, What::Protected | What::Honours(_) | What::Belongs(..));
    let entitled = writer == Role::Administrator;
    let mut kept: Vec<Fact> =
        standing.iter().filter(closes).filter(|_| !entitled).cloned().collect();
    found.retain(|fact| !closes(&fact));
    for fact in found {
        for old in standing.iter().filter(|o| o.patient == fact.patient && o.what == fact.what) {
            let (from, until) = (old.from.max(fact.from), old.until.min(fact.until));
            if from < until {
                kept.push(Fact { from, until, ..fact.clone() });
            }
        }
    }
    kept
}

fn period(value: &Value) -> (i64, i64) {
    let date = |name: &str| value["period"][name].as_str().map(span);
    (date("start").map_or(0, |d| d.0), date("end").map_or(NEVER, |d| d.1))
}

pub fn target(value: &Value, prefix: &str) -> Option<String> {
    value["reference"].as_str()?.strip_prefix(prefix).map(str::to_owned)
}

fn encounter(body: &Value, controller: &str) -> Vec<Fact> {
    let (_, end) = period(body);
    let open = ["arrived", "triaged", "in-progress", "onleave"];
    let status = text(body, "status").unwrap();
    let until = match end {
        NEVER if open.contains(&status) => NEVER,
        end if end != NEVER && (status == "finished" || open.contains(&status)) => end + RECENT,
        _ => return Vec::new(),
    };
    let Some(patient) = target(&body["subject"], "Patient/") else { return Vec::new() };
    let provider = match &body["serviceProvider"] {
        Value::Null => controller.to_owned(),
        provider => target(provider, "Organization/").unwrap(),
    };
    vec![Fact { patient, what: What::OrganizationCares(provider), from: 0, until }]
}

fn appointment(body: &Value, controller: &str) -> Vec<Fact> {
    let made = ["booked", "arrived", "checked-in", "fulfilled"];
    let start = body["start"].as_str().map(span);
    let (Some(start), true) = (start, made.contains(&text(body, "status").unwrap())) else {
        return Vec::new();
    };
    let end = body["end"].as_str().map_or(start, span);
    let (from, until) = (start.0 - 14 * DAY, start.1.max(end.1) + RECENT);
    let there = |prefix: &str| {
        let all = all(body, "participant").into_iter();
        let there = all.filter(|p| text(p, "status") != Some("declined"));
        there.filter_map(|p| target(&p["actor"], prefix)).collect::<Vec<_>>()
    };
    let mut with: Vec<What> = there("Practitioner/")
        .into_iter()
        .map(|id| What::ActorCares(format!("Practitioner/{id}")))
        .collect();
    if with.is_empty() {
        with.push(What::OrganizationCares(controller.to_owned()));
    }
    let mut facts = Vec::new();
    for patient in there("Patient/") {
        let fact = |what: &What| Fact { patient: patient.clone(), what: what.clone(), from, until };
        facts.extend(with.iter().map(fact));
    }
    facts
}

fn episode(body: &Value) -> Vec<Fact> {
    let (from, end) = period(body);
    let until = match text(body, "status").unwrap() {
        "active" | "onhold" => end,
        "finished" if end != NEVER => end + RECENT,
        _ => return Vec::new(),
    };
    let Some(patient) = target(&body["patient"], "Patient/") else { return Vec::new() };
    let managing = target(&body["managingOrganization"], "Organization/");
    let manager = text(&body["careManager"], "reference").map(str::to_owned);
    let who = managing.map(What::OrganizationCares).into_iter();
    who.chain(manager.map(What::ActorCares))
        .map(|what| Fact { patient: patient.clone(), what, from, until })
        .collect()
}

fn referral(body: &Value, controller: &str) -> Vec<Fact> {
    let counts = text(body, "status") == Some("active") && text(body, "intent") == Some("order");
    let date = body["occurrenceDateTime"].as_str().or(body["authoredOn"].as_str());
    let (Some(patient), Some(date), true) = (target(&body["subject"], "Patient/"), date, counts)
    else {
        return Vec::new();
    };
    assert!(body["occurrencePeriod"].is_null(), "not in these worlds");
    let whom = |performer: &Value| {
        if let Some(organization) = target(performer, "Organization/") {
            return (organization != controller).then_some(What::Referred(organization));
        }
        let who = target(performer, "Practitioner/")?;
        Some(What::ActorCares(format!("Practitioner/{who}")))
    };
    let until = span(date).1 + RECENT;
    let fact = |what| Fact { patient: patient.clone(), what, from: 0, until };
    all(body, "performer").into_iter().filter_map(whom).map(fact).collect()
}

fn coverage(body: &Value) -> Vec<Fact> {
    let active = text(body, "status") == Some("active");
    let (from, until) = period(body);
    let payors = all(body, "payor").into_iter().filter_map(|payor| target(payor, "Organization/"));
    let patient = target(&body["beneficiary"], "Patient/").filter(|_| active);
    let fact = |(patient, payor): (String, String)| Fact {
        patient,
        what: What::Covered(payor),
        from,
        until,
    };
    payors.filter_map(|payor| patient.clone().zip(Some(payor))).map(fact).collect()
}

/// As `crate::events` writes them: one term, one recipient.
fn agreement(body: &Value, controller: &str) -> Vec<Fact> {
    let authority = target(&body["authority"][0], "Organization/");
    if text(body, "status") != Some("executed") || authority.as_deref() != Some(controller) {
        return Vec::new();
    }
    let term = &body["term"][0];
    let codes = |path: &str| texts(term, path).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let recipient = target(&term["offer"]["party"][0]["reference"][0], "Organization/").unwrap();
    if recipient == controller {
        return Vec::new();
    }
    let terms = Terms {
        assets: codes("asset.type.coding.code"),
        roles: codes("action.performerRole.coding.code"),
        purposes: codes("action.intent.coding.code"),
        of_all: codes("topicCodeableConcept.coding.code") == ["all"],
        of_urgent: codes("topicCodeableConcept.coding.code") == ["emergency"],
        onward: codes("action.type.coding.code") == ["read", "redisclose"]
            && !codes("securityLabel.control.code").contains(&"NORDSCLCD".to_owned()),
        notice: codes("securityLabel.control.code").contains(&"PRIVMARK".to_owned()),
        restricted: codes("securityLabel.classification.code") == ["R"],
        sensitivities: codes("securityLabel.category.code"),
    };
    let applies = serde_json::json!({ "period": body["applies"] });
    let (from, until) = if body["applies"].is_null() { (0, NEVER) } else { period(&applies) };
    vec![Fact { patient: String::new(), what: What::Shares(recipient, terms), from, until }]
}

/// Whether a resource is a claim of access.
pub fn is_claim(body: &Value) -> bool {
    texts(body, "meta.profile").contains(&"urn:accord:profile:access-claim")
}

/// Whether a resource is one, or the notice, alert or review that goes with one, or of a transfer.
pub fn goes_with_claim(body: &Value) -> bool {
    let profiles = texts(body, "meta.profile");
    let kept = ["urn:accord:profile:access-", "urn:accord:profile:controller-transfer"];
    profiles.iter().any(|profile| kept.iter().any(|start| profile.starts_with(start)))
}

/// What the first version of a claim states; nobody but its requester gets one stored.
pub fn claim(body: &Value, writer: Role, at: i64) -> Vec<Fact> {
    const HOUR: i64 = 3600 * 1_000_000;
    let actor = text(body, "requester.reference").unwrap().to_owned();
    let emergency = texts(body, "code.coding.code") == ["break-glass"];
    let (what, hours) = match writer {
        Role::Clinician if emergency => (What::Emergency(actor), 4),
        Role::Clinician | Role::Pharmacist if !emergency => (What::ActorCares(actor), 24),
        _ => return Vec::new(),
    };
    let patient = target(&body["for"], "Patient/").unwrap();
    vec![Fact { patient, what, from: at, until: at + hours * HOUR }]
}

/// Written by the system or a feed in these worlds.
fn post(id: &str, body: &Value, controller: &str) -> Vec<Fact> {
    let organization = target(&body["organization"], "Organization/").unwrap();
    if controller != organization && controller != "#commons" {
        return Vec::new();
    }
    let actor = text(&body["practitioner"], "reference").unwrap();
    let (from, until) = if body["active"] == false { (NEVER, NEVER) } else { period(body) };
    let fact = |held, from, until| Fact {
        patient: String::new(),
        what: What::ActsFor(organization.clone(), actor.to_owned(), held),
        from,
        until,
    };
    let role = format!("PractitionerRole/{id}");
    let belongs = What::Belongs(role, actor.to_owned(), Some(organization.clone()));
    let belongs = Fact { patient: String::new(), what: belongs, from, until };
    vec![fact(false, 0, from), fact(true, from, until), fact(false, until, NEVER), belongs]
}

fn managing(id: &str, body: &Value) -> Vec<Fact> {
    let organization = target(&body["managingOrganization"], "Organization/");
    let what = organization.map(What::OrganizationCares);
    let protected = texts(body, "meta.security.code").contains(&"R").then_some(What::Protected);
    what.into_iter()
        .chain(protected)
        .map(|what| Fact { patient: id.to_owned(), what, from: 0, until: NEVER })
        .collect()
}

fn related_person(id: &str, body: &Value) -> Vec<Fact> {
    if body["period"].is_null() || body["active"] == false {
        return Vec::new();
    }
    let (from, until) = period(body);
    let what = What::ActsAs(format!("RelatedPerson/{id}"), Vec::new(), Vec::new());
    let patient = target(&body["patient"], "Patient/").unwrap();
    vec![Fact { patient, what, from, until }]
}

/// Whether a Consent lets somebody act, and says nothing else.
pub fn is_grant(body: &Value) -> bool {
    texts(body, "category.coding.code") == ["INFA"]
}

fn grant(body: &Value) -> Vec<Fact> {
    if text(body, "status") != Some("active") {
        return Vec::new();
    }
    let owned = |path: &str| texts(body, path).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let who = owned("extension.valueReference.reference").remove(0);
    let (types, labels) = (owned("provision.class.code"), owned("provision.securityLabel.code"));
    let (from, until) = period(&body["provision"]);
    let patient = target(&body["patient"], "Patient/").unwrap();
    vec![Fact { patient, what: What::ActsAs(who, types, labels), from, until }]
}

fn cleared(body: &Value) -> Vec<Fact> {
    if !texts(body, "meta.profile").contains(&"urn:accord:profile:cleared-list") {
        return Vec::new();
    }
    let regime = texts(body, "code.coding.code")[0].to_owned();
    let until = span(body["extension"][0]["valueDateTime"].as_str().unwrap()).1;
    let honours = What::Honours(regime.clone());
    let mut facts = vec![Fact { patient: String::new(), what: honours, from: 0, until: NEVER }];
    for item in all(body, "entry.item") {
        let patient = target(item, "Patient/").unwrap();
        facts.push(Fact { patient, what: What::Cleared(regime.clone()), from: 0, until });
    }
    facts
}

fn belongs(group: &str, member: &str, to: Option<String>, (from, until): (i64, i64)) -> Fact {
    let what = What::Belongs(group.to_owned(), member.to_owned(), to);
    Fact { patient: String::new(), what, from, until }
}

fn group(id: &str, body: &Value) -> Vec<Fact> {
    let group = format!("Group/{id}");
    if body["actual"] == false {
        return vec![belongs(&group, "*", None, (0, NEVER))];
    }
    let members = texts(body, "member.entity.reference");
    members.into_iter().map(|who| belongs(&group, who, None, (0, NEVER))).collect()
}

fn care_team(id: &str, body: &Value, controller: &str) -> Vec<Fact> {
    let Some(patient) = target(&body["subject"], "Patient/") else { return Vec::new() };
    if text(body, "status") != Some("active") {
        return Vec::new();
    }
    let (start, end) = period(body);
    let mut facts = Vec::new();
    for organization in all(body, "managingOrganization") {
        let what = What::OrganizationCares(target(organization, "Organization/").unwrap());
        facts.push(Fact { patient: patient.clone(), what, from: start, until: end });
    }
    for participant in all(body, "participant") {
        let (from, until) = period(participant);
        let (from, until) = (from.max(start), until.min(end));
        let behalf = target(&participant["onBehalfOf"], "Organization/");
        let who = text(&participant["member"], "reference").unwrap_or("*");
        if from < until {
            let team = format!("CareTeam/{id}");
            facts.push(belongs(&team, who, behalf.clone(), (from, until)));
        }
        if behalf.is_some_and(|organization| organization != controller) {
            continue;
        }
        let member = &participant["member"];
        let what = match target(member, "Organization/") {
            Some(organization) => What::OrganizationCares(organization),
            None => match text(member, "reference") {
                Some(actor) if actor.starts_with("Practitioner/") => {
                    What::ActorCares(actor.to_owned())
                }
                _ => continue,
            },
        };
        facts.push(Fact { patient: patient.clone(), what, from, until });
    }
    facts
}

fn seal(body: &Value) -> Vec<Fact> {
    if text(body, "status") != Some("active") {
        return Vec::new();
    }
    let patient = target(&body["patient"], "Patient/").unwrap();
    let (from, until) = period(&body["provision"]);
    let locked = text(body, "category.coding.code") != Some("sealed");
    let list = |path: &str| {
        texts(&body["provision"], path).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (types, labels) = (list("class.code"), list("securityLabel.code"));
    let (data, team) = (list("data.reference.reference"), list("actor.reference.reference"));
    if !(types.is_empty() && labels.is_empty() && data.is_empty()) {
        let what = What::Part(Part { locked, types, labels, data, team });
        return vec![Fact { patient, what, from, until }];
    }
    let team = texts(&body["provision"], "actor.reference.reference");
    let team = team.into_iter().map(|who| What::Unsealed(who.to_owned()));
    std::iter::once(What::Sealed(locked))
        .chain(team)
        .map(|what| Fact { patient: patient.clone(), what, from, until })
        .collect()
}
