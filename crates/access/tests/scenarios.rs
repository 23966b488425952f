//! Runs the scenarios of `tests/scenarios`: from resources as they are written to what is seen.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use accord_access::{
    AccessRequest, Admission, CLAIM_LABEL, Decision, Interaction, PolicyIndex, RowView, Scope,
    Stating, decide, facts, label,
};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Purpose, Role, Row, Subject};
use accord_fhir::json::{Limits, parse};
use accord_fhir::{DateRange, Zone};
use accord_spec::ResourceType;
use common::{Directory, subject};

struct World {
    names: Directory,
    index: PolicyIndex,
    now: LogTime,
    /// Rows that stand, oldest first.
    rows: Vec<Row>,
    next: Row,
    /// Hours by which the clocks of organisations are ahead of UTC.
    hours: BTreeMap<String, i64>,
}

#[derive(Debug)]
struct East(i64);

impl Zone for East {
    fn instant(&self, local_us: i64) -> i64 {
        local_us - self.0 * 3_600_000_000
    }

    fn local(&self, instant_us: i64) -> i64 {
        instant_us + self.0 * 3_600_000_000
    }

    fn name(&self) -> &'static str {
        "east"
    }
}

fn day(text: &str) -> LogTime {
    // `2026-02-01 10:00` is that hour.
    let text = match text.split_once(' ') {
        Some((date, hour)) => format!("{date}T{hour}:00Z"),
        None => text.to_owned(),
    };
    LogTime(u64::try_from(DateRange::parse(&text).unwrap().low).unwrap())
}

impl World {
    fn new() -> World {
        let names = Directory::new();
        let index = PolicyIndex::new();
        let (rows, next, hours) = (Vec::new(), Row(0), BTreeMap::new());
        let mut world = World { names, index, now: LogTime(0), rows, next, hours };
        world.today("2026-01-15");
        world
    }

    fn today(&mut self, date: &str) {
        self.now = day(date);
        self.index.advance(self.now);
    }

    /// `given` in the words of the scenarios.
    fn given(&mut self, sentence: &str) {
        let (statement, role) = match sentence.split_once(", written by ") {
            Some((statement, role)) => (statement, Role::from_code(role).unwrap()),
            None => (sentence, Role::Integration),
        };
        let words: Vec<&str> = statement.split(' ').collect();
        let (patient, controller, json) = match words.as_slice() {
            ["an", "encounter", "of", p, "at", o, "is", status, rest @ ..] => {
                (*p, *o, encounter(p, status, rest))
            }
            [p, "is", "registered", "with", o] => (*p, *o, registration(o)),
            ["a", "care", "team", "of", p, "at", o, "includes", who, rest @ ..] => {
                (*p, *o, care_team(p, who, rest))
            }
            ["an", "appointment", "of", p, "at", o, "on", date, "is", status, rest @ ..] => {
                (*p, *o, appointment(p, date, status, rest))
            }
            ["an", "episode", "of", p, "at", o, "is", status, rest @ ..] => {
                (*p, *o, episode(p, o, status, rest))
            }
            [who, "works", "for", o, rest @ ..] => ("", *o, works_for(who, o, rest)),
            [p, "is", "referred", "by", o, "to", to, "on", date] => (*p, *o, referral(p, to, date)),
            [p, "is", "covered", "by", plan, "at", o, rest @ ..] => {
                (*p, *o, coverage(p, plan, rest))
            }
            [who, "acts", "for", p, "by", o, rest @ ..] => (*who, *o, related_person(p, rest)),
            [p, "lets", who, rest @ ..] => (*p, "north", grant(p, who, rest)),
            [p, "is", "protected", "by", o] => (*p, *o, protected()),
            [o, "may", "use", what, "of", p, rest @ ..] => ("", *o, cleared(what, p, rest)),
            [o, "shares", what, "with", to, "for", why, "of", whom, rest @ ..] => {
                ("", *o, agreement(o, what, to, why, whom, rest))
            }
            [p, "is", how @ ("sealed" | "sealed-locked"), "at", o, "but", "to", who] => {
                (*p, *o, seal(p, how, who))
            }
            [
                part,
                "of",
                p,
                "is",
                how @ ("sealed" | "sealed-locked"),
                "at",
                o,
                "but",
                "to",
                who,
            ] => {
                let only = format!(r#""type":"deny",{},"#, sealed_part(part));
                (*p, *o, seal(p, how, who).replace(r#""type":"deny","#, &only))
            }
            [o, "is", hours, "hours", "ahead", "of", "UTC"] => {
                self.hours.insert((*o).to_owned(), hours.parse().unwrap());
                return;
            }
            [p, "has", "a", "consent", "at", o, "that", "cannot", "be", "enforced"] => {
                let vague = r#""type":"deny","code":[{"text":"x"}]"#;
                (*p, *o, consent("deny", p, "everyone", &[]).replace(r#""type":"deny""#, vague))
            }
            [p, "supersedes", "that,", "and", verb @ ("denies" | "permits"), whom, rest @ ..] => {
                // Both in one act: nobody asks between.
                self.index.retire(self.rows.pop().unwrap());
                let kind = if *verb == "denies" { "deny" } else { "permit" };
                (*p, "north", consent(kind, p, whom, rest))
            }
            [who, "claims", p, "at", o] => return self.claim(who, p, o, "self-claim"),
            [who, "breaks", "the", "glass", "for", p, "at", o] => {
                return self.claim(who, p, o, "break-glass");
            }
            [p, "denies", "proxy", who] => (*p, "north", denies_proxy(p, who)),
            [p, "denies", whom, rest @ ..] => (*p, "north", consent("deny", p, whom, rest)),
            [p, "permits", whom, rest @ ..] => (*p, "north", consent("permit", p, whom, rest)),
            _ => panic!("not understood: {sentence}"),
        };
        self.write(patient, &subject(role, "writer", Some(controller)), &json);
    }

    /// A clinician takes access.
    fn claim(&mut self, who: &str, patient: &str, organization: &str, code: &str) {
        let json = claim(who, patient, code);
        self.write(patient, &subject(Role::Clinician, who, Some(organization)), &json);
    }

    fn write(&mut self, patient: &str, writer: &Subject, json: &str) {
        let controller = writer.organization.as_ref().unwrap().as_str();
        let tape = parse(json.as_bytes(), Limits::default()).unwrap();
        let resource = tape.root();
        let name = resource.get_str("resourceType").unwrap();
        let stated = facts(&Stating {
            resource_type: ResourceType::from_name(&name).unwrap(),
            id: patient,
            resource,
            writer,
            controller,
            resolve: &|_| None,
            zone: &East(self.hours.get(controller).copied().unwrap_or(0)),
        });
        let names = &mut self.names;
        let found = stated.counting.iter().chain(&stated.claims);
        let found: Vec<_> = found
            .map(|fact| fact.resolve(self.now, |space, name| names.ordinal(space, name)))
            .collect();
        let organization = OrgOrd(names.ordinal(NameSpace::Organization, controller));
        self.index.apply(self.next, organization, &found);
        self.rows.push(self.next);
        self.next = self.next.next();
    }

    fn when(&mut self, sentence: &str) {
        match sentence.strip_prefix("today is ") {
            Some(date) => self.today(date),
            None => {
                assert_eq!(sentence, "the last statement is withdrawn");
                self.index.retire(self.rows.pop().unwrap());
            }
        }
    }

    /// `then`: whether the sentence holds.
    fn holds(&mut self, sentence: &str) -> bool {
        let words: Vec<&str> = sentence.split(' ').collect();
        let (role, who, organization, rest) = match words.as_slice() {
            ["patient", who, rest @ ..] => (Role::Patient, *who, None, rest),
            ["proxy", who, rest @ ..] => (Role::Proxy, *who, None, rest),
            [role, who, "of", o, rest @ ..] => {
                (Role::from_code(role).unwrap(), *who, Some(*o), rest)
            }
            _ => panic!("not understood: {sentence}"),
        };
        // Everyone a scenario names is known to the store.
        if let Some(o) = organization {
            self.names.ordinal(NameSpace::Organization, o);
        }
        let mut subject = subject(role, who, organization);
        let rest = match rest {
            ["planning", rest @ ..] => {
                subject.purpose = Purpose::Hoperat;
                rest
            }
            rest => rest,
        };
        let space = if role == Role::Patient { NameSpace::Patient } else { NameSpace::Actor };
        let name = if role == Role::Patient { who.to_owned() } else { subject.reference() };
        self.names.ordinal(space, &name);
        let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
        let scope = match decide(&subject, request, &self.index, &self.names, self.now) {
            Decision::Permit(scope) => scope,
            Decision::Deny { .. } if rest == ["is", "refused"] => return true,
            denied => panic!("{sentence}: {denied:?}"),
        };

        match rest {
            ["sees", row @ ..] => self.with_row(row, &|row| scope.admits(row)),
            ["does", "not", "see", row @ ..] => self.with_row(row, &|row| !scope.admits(row)),
            ["knows", "of", row @ ..] => {
                self.with_row(row, &|row| scope.admission(row) == Admission::Known)
            }
            ["does", "not", "know", "of", row @ ..] => {
                self.with_row(row, &|row| scope.admission(row) == Admission::No)
            }
            ["may", "create", row @ ..] => self.with_row(row, &|row| creates(&scope, row)),
            ["may", "not", "create", row @ ..] => self.with_row(row, &|row| !creates(&scope, row)),
            _ => panic!("not understood: {sentence}"),
        }
    }

    /// `[LABEL] TYPE of PATIENT [and PATIENT] at CONTROLLER [by AUTHOR]`; a `claim` is a Task.
    fn with_row(&mut self, words: &[&str], test: &dyn Fn(RowView<'_>) -> bool) -> bool {
        let labelled = |labels, name| {
            move |row: RowView<'_>| {
                let resource_type = ResourceType::from_name(name).unwrap_or(row.resource_type);
                test(RowView { labels, resource_type, ..row })
            }
        };
        match words {
            ["claim", rest @ ..] => {
                let words = [&["Task"], rest].concat();
                return self.with_row(&words, &labelled(CLAIM_LABEL, "Task"));
            }
            [code, rest @ ..] if label::bits([(label::SENSITIVITY, *code)]) != 0 => {
                let bits = label::bits([(label::SENSITIVITY, *code)]);
                return self.with_row(rest, &labelled(bits, ""));
            }
            _ => {}
        }
        let [name, "of", patients @ .., "at", controller] = words else {
            let [rest @ .., "by", author] = words else { panic!("not understood: {words:?}") };
            let actor = self.names.ordinal(NameSpace::Actor, &format!("Practitioner/{author}"));
            let authors = [ActorOrd(actor)];
            return self.with_row(rest, &|row| test(RowView { authors: &authors, ..row }));
        };
        let named = patients.iter().filter(|word| !["and", "nobody"].contains(word));
        let patients: Vec<PatientOrd> =
            named.map(|p| PatientOrd(self.names.ordinal(NameSpace::Patient, p))).collect();
        test(RowView {
            resource_type: ResourceType::from_name(name).unwrap(),
            deleted: false,
            controller: OrgOrd(self.names.ordinal(NameSpace::Organization, controller)),
            patients: &patients,
            labels: 0,
            clinical_day: i32::MIN,
            authors: &[],
            links: None,
        })
    }
}

fn creates(scope: &Scope, row: RowView<'_>) -> bool {
    scope.admits_write(None, Some(row)).is_ok()
}

/// `[from DATE] [until DATE]` as a Period element.
fn period(words: &[&str]) -> String {
    let parts = words.chunks(2).map(|pair| match pair {
        ["from", date] => format!(r#""start":"{date}""#),
        ["until", date] => format!(r#""end":"{date}""#),
        other => panic!("not understood: {other:?}"),
    });
    let parts = parts.collect::<Vec<_>>().join(",");
    if parts.is_empty() { parts } else { format!(r#","period":{{{parts}}}"#) }
}

fn encounter(patient: &str, status: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"Encounter","status":"{status}",
            "subject":{{"reference":"Patient/{patient}"}}{}}}"#,
        period(rest)
    )
}

fn appointment(patient: &str, date: &str, status: &str, rest: &[&str]) -> String {
    let with = match rest {
        ["with", who] => {
            format!(r#",{{"status":"accepted","actor":{{"reference":"Practitioner/{who}"}}}}"#)
        }
        [] => String::new(),
        other => panic!("not understood: {other:?}"),
    };
    format!(
        r#"{{"resourceType":"Appointment","status":"{status}","start":"{date}T10:00:00Z",
            "participant":[{{"status":"accepted",
                "actor":{{"reference":"Patient/{patient}"}}}}{with}]}}"#
    )
}

fn episode(patient: &str, organization: &str, status: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"EpisodeOfCare","status":"{status}",
            "patient":{{"reference":"Patient/{patient}"}},
            "managingOrganization":{{"reference":"Organization/{organization}"}}{}}}"#,
        period(rest)
    )
}

fn works_for(who: &str, organization: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"PractitionerRole",
            "practitioner":{{"reference":"Practitioner/{who}"}},
            "organization":{{"reference":"Organization/{organization}"}}{}}}"#,
        period(rest)
    )
}

fn referral(patient: &str, to: &str, date: &str) -> String {
    format!(
        r#"{{"resourceType":"ServiceRequest","status":"active","intent":"order",
            "authoredOn":"{date}","subject":{{"reference":"Patient/{patient}"}},
            "performer":[{{"reference":"Organization/{to}"}}]}}"#
    )
}

fn coverage(patient: &str, plan: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"Coverage","status":"active",
            "beneficiary":{{"reference":"Patient/{patient}"}},
            "payor":[{{"reference":"Organization/{plan}"}}]{}}}"#,
        period(rest)
    )
}

/// `rest`: `[covering CODE] [from DATE] [until DATE]`
fn agreement(o: &str, what: &str, to: &str, why: &str, whom: &str, rest: &[&str]) -> String {
    let (labels, rest) = match rest {
        ["covering", code, rest @ ..] => {
            let level = r#""classification":{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"}"#;
            let category = format!(
                r#""category":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{code}"}}]"#
            );
            (format!(r#""securityLabel":[{{{level},{category}}}],"#), rest)
        }
        rest => (String::new(), rest),
    };
    let system = match ResourceType::from_name(what) {
        Some(_) => "http://hl7.org/fhir/resource-types",
        None => "urn:accord:codes",
    };
    let applies = period(rest).replace("period", "applies");
    format!(
        r#"{{"resourceType":"Contract","status":"executed","subType":[{{"text":"a basis"}}],
            "meta":{{"profile":["urn:accord:profile:sharing-agreement"]}},
            "authority":[{{"reference":"Organization/{o}"}}]{applies},
            "term":[{{{labels}
                "topicCodeableConcept":{{"coding":[{{"system":"urn:accord:codes","code":"{whom}"}}]}},
                "offer":{{"party":[{{"reference":[{{"reference":"Organization/{to}"}}],
                    "role":{{"coding":[{{"system":"urn:accord:codes","code":"recipient"}}]}}}}]}},
                "asset":[{{"type":[{{"coding":[{{"system":"{system}","code":"{what}"}}]}}]}}],
                "action":[{{"status":{{"text":"agreed"}},
                    "type":{{"coding":[{{"system":"urn:accord:codes","code":"read"}}]}},
                    "intent":{{"coding":[{{"code":"{why}",
                        "system":"http://terminology.hl7.org/CodeSystem/v3-ActReason"}}]}}}}]}}]}}"#
    )
}

/// What a seal names: data of a sensitivity, or of a type.
fn sealed_part(part: &str) -> String {
    let (element, system) = match label::sensitivity(part) {
        Some(_) => ("securityLabel", label::SENSITIVITY),
        None => ("class", "http://hl7.org/fhir/resource-types"),
    };
    format!(r#""{element}":[{{"system":"{system}","code":"{part}"}}]"#)
}

fn related_person(patient: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"RelatedPerson","patient":{{"reference":"Patient/{patient}"}}{}}}"#,
        period(rest)
    )
}

/// `rest`: `[see TYPE] [with LABEL] [sign] [from DATE] [until DATE]`
fn grant(patient: &str, who: &str, rest: &[&str]) -> String {
    let (class, rest) = match rest {
        ["see", "all", rest @ ..] => (String::new(), rest),
        ["see", name, rest @ ..] => {
            let system = "http://hl7.org/fhir/resource-types";
            (format!(r#","class":[{{"system":"{system}","code":"{name}"}}]"#), rest)
        }
        other => panic!("not understood: {other:?}"),
    };
    let (labels, rest) = match rest {
        ["with", code, rest @ ..] => {
            let system = label::SENSITIVITY;
            (format!(r#","securityLabel":[{{"system":"{system}","code":"{code}"}}]"#), rest)
        }
        rest => (String::new(), rest),
    };
    let (action, rest) = match rest {
        ["sign", rest @ ..] => {
            let system = "http://terminology.hl7.org/CodeSystem/consentaction";
            let coding = format!(r#"{{"system":"{system}","code":"collect"}}"#);
            (format!(r#","action":[{{"coding":[{coding}]}}]"#), rest)
        }
        rest => (String::new(), rest),
    };
    let grantee = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Consent.grantee";
    format!(
        r#"{{"resourceType":"Consent","status":"active",
            "extension":[{{"url":"{grantee}",
                "valueReference":{{"reference":"RelatedPerson/{who}"}}}}],
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
            "category":[{{"coding":[{{"code":"INFA",
                "system":"http://terminology.hl7.org/CodeSystem/v3-ActCode"}}]}}],
            "patient":{{"reference":"Patient/{patient}"}},
            "provision":{{"type":"permit"{class}{labels}{action}{}}}}}"#,
        period(rest)
    )
}

fn protected() -> String {
    r#"{"resourceType":"Patient","meta":{"security":[{"code":"R",
        "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}}"#
        .to_owned()
}

fn cleared(regime: &str, patient: &str, rest: &[&str]) -> String {
    let until = match rest {
        ["until", date] => format!(
            r#""extension":[{{"url":"urn:accord:extension:valid-until","valueDateTime":"{date}"}}],"#
        ),
        _ => String::new(),
    };
    format!(
        r#"{{"resourceType":"List","status":"current","mode":"snapshot",{until}
            "meta":{{"profile":["urn:accord:profile:cleared-list"]}},
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"{regime}"}}]}},
            "entry":[{{"item":{{"reference":"Patient/{patient}"}}}}]}}"#
    )
}

fn seal(patient: &str, how: &str, who: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","status":"active","scope":{{"text":"seal"}},
            "meta":{{"profile":["urn:accord:profile:seal"]}},
            "category":[{{"coding":[{{"system":"urn:accord:codes","code":"{how}"}}]}}],
            "patient":{{"reference":"Patient/{patient}"}},
            "provision":{{"type":"deny",
                "actor":[{{"reference":{{"reference":"Practitioner/{who}"}}}}]}}}}"#
    )
}

fn claim(who: &str, patient: &str, code: &str) -> String {
    format!(
        r#"{{"resourceType":"Task","meta":{{"profile":["urn:accord:profile:access-claim"]}},
            "status":"requested","intent":"order","for":{{"reference":"Patient/{patient}"}},
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"{code}"}}]}},
            "reasonCode":{{"text":"unconscious","coding":[{{"code":"ETREAT"}}]}},
            "requester":{{"reference":"Practitioner/{who}"}}}}"#
    )
}

fn registration(organization: &str) -> String {
    format!(
        r#"{{"resourceType":"Patient",
            "managingOrganization":{{"reference":"Organization/{organization}"}}}}"#
    )
}

fn care_team(patient: &str, who: &str, rest: &[&str]) -> String {
    format!(
        r#"{{"resourceType":"CareTeam","status":"active",
            "subject":{{"reference":"Patient/{patient}"}},
            "participant":[{{"member":{{"reference":"Practitioner/{who}"}}}}]{}}}"#,
        period(rest)
    )
}

fn denies_proxy(patient: &str, who: &str) -> String {
    consent("deny", patient, "o", &[]).replace("Organization/o", &format!("RelatedPerson/{who}"))
}

fn consent(kind: &str, patient: &str, whom: &str, rest: &[&str]) -> String {
    let actor = match whom {
        "everyone" => String::new(),
        o => format!(r#","actor":[{{"reference":{{"reference":"Organization/{o}"}}}}]"#),
    };
    format!(
        r#"{{"resourceType":"Consent","status":"active",
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
            "patient":{{"reference":"Patient/{patient}"}},
            "provision":{{"type":"{kind}"{actor}{}}}}}"#,
        period(rest)
    )
}

fn run(file: &str, text: &str) -> usize {
    let (mut world, mut title, mut mode, mut checks) = (World::new(), "", "", 0);
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    for line in lines {
        if let Some(name) = line.strip_prefix("Scenario: ") {
            (world, title, mode) = (World::new(), name, "");
            continue;
        }
        let (word, sentence) = line.split_once(' ').unwrap();
        mode = if word == "And" { mode } else { word };
        match mode {
            "Given" => world.given(sentence),
            "When" => world.when(sentence),
            "Then" => {
                assert!(world.holds(sentence), "{file}, `{title}`: {sentence}");
                checks += 1;
            }
            other => panic!("{file}: {other}"),
        }
    }
    checks
}

#[test]
fn scenarios_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut checks = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Those of folders are other tests'.
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        checks += run(&path.file_name().unwrap().to_string_lossy(), &text);
    }
    assert!(checks > 60, "only {checks} sentences were checked");
}
