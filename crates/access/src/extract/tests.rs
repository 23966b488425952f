//! What resources state, one line each.

use accord_base::{Principal, Purpose, ResourceId, Role};
use accord_fhir::json::{Limits, parse};

use super::*;

fn writer(role: Role) -> Subject {
    Subject {
        principal: Principal::Practitioner(ResourceId::new("w").unwrap()),
        role,
        organization: Some(ResourceId::new("north").unwrap()),
        purpose: Purpose::Treat,
        token_id: String::new(),
        test: true,
        grant: None,
    }
}

fn stated(role: Role, json: &str) -> Stated {
    let tape = parse(json.as_bytes(), Limits::default()).unwrap();
    let resource = tape.root();
    let resource_type = ResourceType::from_name(&resource.get_str("resourceType").unwrap());
    let writer = writer(role);
    facts(&Stating {
        resource_type: resource_type.unwrap(),
        id: "p1",
        resource,
        writer: &writer,
        controller: "north",
        resolve: &|text| (text == "urn:x:p1").then(|| "Patient/p1".to_owned()),
        zone: &accord_fhir::Utc,
    })
}

/// A fact in short: `cares north`, `cares Practitioner/x`, `denies south`, with the days since 1970
/// at which it begins and ends where it does.
fn short(fact: &NamedFact) -> String {
    let (patient, what, from, until) = match fact {
        NamedFact::OrganizationCares { patient, organization, from, until } => {
            (patient, format!("cares {organization}"), from, until)
        }
        NamedFact::ActorCares { patient, actor, from, until } => {
            (patient, format!("cares {actor}"), from, until)
        }
        NamedFact::Consent(consent) => {
            let root = &consent.provisions[0];
            if let Some(seal) = consent.seal {
                let types = root.types.map_or("any".to_owned(), |t| t.iter().count().to_string());
                let (labels, data) = (root.labels.is_some(), root.data.is_some());
                return format!("seal {seal:?}: {types} types, {labels}, {data}");
            }
            let what = if consent.held {
                "held".to_owned()
            } else {
                format!("consent {}, permits {}", consent.provisions.len(), root.permits)
            };
            return what;
        }
        NamedFact::ActsFor { organization, actor, held, from, until } => {
            let held = if *held { "acts for" } else { "does not act for" };
            (&"p1".to_owned(), format!("{actor} {held} {organization}"), from, until)
        }
        NamedFact::Referred { patient, organization, from, until } => {
            (patient, format!("referred to {organization}"), from, until)
        }
        NamedFact::Covers { patient, organization, from, until } => {
            (patient, format!("covered by {organization}"), from, until)
        }
        NamedFact::Shares { organization, terms, from, until } => (
            &"p1".to_owned(),
            format!("shares {:?} with {organization}", terms.shared),
            from,
            until,
        ),
        NamedFact::Sealed { patient, locked, from, until } => {
            (patient, if *locked { "locked" } else { "sealed" }.to_owned(), from, until)
        }
        NamedFact::Unsealed { patient, actor, from, until } => {
            (patient, format!("not to {actor}"), from, until)
        }
        NamedFact::ActsAs { patient, actor, mandate, from, until } => {
            let signs = if mandate.signs { " and signs" } else { "" };
            (patient, format!("{actor} acts{signs}"), from, until)
        }
        NamedFact::Protected { patient } => {
            (patient, "protected".to_owned(), &LogTime(0), &LogTime::NEVER)
        }
        NamedFact::Honours { regime } => return format!("honours {regime:?}"),
        NamedFact::Cleared { patient, regime, until } => {
            (patient, format!("cleared of {regime:?}"), &LogTime(0), until)
        }
        NamedFact::Belongs { group, member, organization, from, until } => {
            let to = organization.as_ref().map(|id| format!(" for {id}")).unwrap_or_default();
            (&"p1".to_owned(), format!("{member} in {group}{to}"), from, until)
        }
        NamedFact::Claim { patient, actor, emergency, until } => {
            let what = if *emergency { "breaks the glass" } else { "claims" };
            (patient, format!("{actor} {what}"), &LogTime(0), until)
        }
    };
    assert_eq!(patient, "p1");
    let day = |t: &LogTime| t.0 / (86_400 * LogTime::SECOND_US);
    let from = if from.0 == 0 { String::new() } else { format!(" from {}", day(from)) };
    let until =
        if *until == LogTime::NEVER { String::new() } else { format!(" until {}", day(until)) };
    format!("{what}{from}{until}")
}

fn check(json: &str, expect: &[&str]) {
    let stated = stated(Role::Registration, json);
    let counting = stated.counting.iter().filter(|f| !matches!(f, NamedFact::Belongs { .. }));
    assert_eq!(counting.map(short).collect::<Vec<_>>(), expect, "{json}");
    assert_eq!(stated.narrowing, [], "{json}");
}

fn encounter(rest: &str) -> String {
    format!(r#"{{"resourceType":"Encounter","subject":{{"reference":"Patient/p1"}},{rest}}}"#)
}

#[test]
fn encounters_count_while_open_and_ninety_days_on() {
    for status in ["arrived", "triaged", "in-progress", "onleave"] {
        check(&encounter(&format!(r#""status":"{status}""#)), &["cares north"]);
    }
    // 1970-01-11 ends as day 11 begins.
    let ended = r#""period":{"end":"1970-01-11"}"#;
    check(&encounter(&format!(r#""status":"finished",{ended}"#)), &["cares north until 101"]);
    check(&encounter(&format!(r#""status":"in-progress",{ended}"#)), &["cares north until 101"]);
    for status in ["planned", "cancelled", "entered-in-error", "unknown", "finished"] {
        check(&encounter(&format!(r#""status":"{status}""#)), &[]);
    }
    check(&encounter(r#""status":"finished","period":{"end":"soon"}"#), &[]);
}

#[test]
fn only_the_controllers_own_relationship_counts() {
    let provided = |by: &str| {
        let provider = format!(r#""serviceProvider":{{"reference":"Organization/{by}"}}"#);
        encounter(&format!(r#""status":"arrived",{provider}"#))
    };
    check(&provided("north"), &["cares north"]);
    check(&provided("south"), &[]);
    check(&encounter(r#""status":"arrived","serviceProvider":{"display":"North"}"#), &[]);
    check(
        r#"{"resourceType":"Encounter","status":"arrived","subject":{"reference":"urn:x:p1"}}"#,
        &["cares north"],
    );
    check(
        r#"{"resourceType":"Encounter","status":"arrived","subject":{"reference":"Group/p1"}}"#,
        &[],
    );
    let patient = |by: &str| {
        format!(
            r#"{{"resourceType":"Patient","managingOrganization":{{"reference":"Organization/{by}"}}}}"#
        )
    };
    check(&patient("north"), &["cares north"]);
    check(&patient("south"), &[]);
}

fn care_team(rest: &str) -> String {
    format!(r#"{{"resourceType":"CareTeam","subject":{{"reference":"Patient/p1"}},{rest}}}"#)
}

#[test]
fn care_teams_bring_in_their_members() {
    let members = r#""participant":[
        {"member":{"reference":"Practitioner/a"}},
        {"member":{"reference":"Practitioner/b"},"onBehalfOf":{"reference":"Organization/north"}},
        {"member":{"reference":"Practitioner/c"},"onBehalfOf":{"reference":"Organization/south"}},
        {"member":{"reference":"Practitioner/d"},"period":{"end":"1970-01-05"}},
        {"member":{"reference":"Organization/north"}},
        {"member":{"reference":"Organization/south"}},
        {"member":{"reference":"RelatedPerson/e"}},
        {"member":{"display":"someone"}}]"#;
    check(
        &care_team(&format!(r#""status":"active",{members}"#)),
        &[
            "cares Practitioner/a",
            "cares Practitioner/b",
            "cares Practitioner/d until 5",
            "cares north",
        ],
    );
    check(&care_team(&format!(r#""status":"inactive",{members}"#)), &[]);
    check(
        &care_team(
            r#""status":"active","period":{"start":"1970-01-03","end":"1970-01-04"},
               "managingOrganization":[{"reference":"Organization/north"}],
               "participant":[{"member":{"reference":"Practitioner/a"},"period":{"start":"1971"}}]"#,
        ),
        &["cares north from 2 until 4"],
    );
}

#[test]
fn appointments_count_around_themselves() {
    let appointment = |status: &str, when: &str, others: &str| {
        format!(
            r#"{{"resourceType":"Appointment","status":"{status}",{when}"participant":[
                {{"actor":{{"reference":"Patient/p1"}},"status":"accepted"}}{others}]}}"#
        )
    };
    let with = |who: &str, status: &str| {
        format!(r#",{{"actor":{{"reference":"{who}"}},"status":"{status}"}}"#)
    };
    let when = r#""start":"1970-02-01T10:00:00Z","end":"1970-02-02T09:00:00Z","#;
    // Day 31 less 14, and day 32 and 90.
    check(&appointment("booked", when, ""), &["cares north from 17 until 122"]);
    let doctor = with("Practitioner/a", "accepted");
    let declined = with("Practitioner/b", "declined");
    let only_a = ["cares Practitioner/a from 17 until 122"];
    check(&appointment("fulfilled", when, &format!("{doctor}{declined}")), &only_a);
    let room = with("Location/r", "accepted");
    check(&appointment("arrived", when, &room), &["cares north from 17 until 122"]);
    let start = r#""start":"1970-02-01T10:00:00Z","#;
    check(&appointment("booked", start, ""), &["cares north from 17 until 121"]);
    check(&appointment("booked", "", ""), &[]);
    for status in ["proposed", "pending", "cancelled", "noshow", "entered-in-error", "waitlist"] {
        check(&appointment(status, when, &doctor), &[]);
    }
}

#[test]
fn episodes_count_while_open_and_ninety_days_on() {
    let episode = |status: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"EpisodeOfCare","status":"{status}",
                "patient":{{"reference":"Patient/p1"}},
                "careManager":{{"reference":"Practitioner/a"}}{rest}}}"#
        )
    };
    let managed =
        |by: &str| format!(r#","managingOrganization":{{"reference":"Organization/{by}"}}"#);
    check(&episode("active", &managed("north")), &["cares north", "cares Practitioner/a"]);
    check(&episode("onhold", &managed("south")), &["cares Practitioner/a"]);
    let period = r#","period":{"start":"1970-01-03","end":"1970-01-11"}"#;
    check(&episode("active", period), &["cares Practitioner/a from 2 until 11"]);
    check(&episode("finished", period), &["cares Practitioner/a from 2 until 101"]);
    for status in ["planned", "waitlist", "cancelled", "entered-in-error", "finished"] {
        check(&episode(status, &managed("north")), &[]);
    }
}

#[test]
fn practitioner_roles_say_who_acts_for_whom() {
    let role = |organization: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"PractitionerRole","practitioner":{{"reference":"Practitioner/a"}},
                "organization":{{"reference":"Organization/{organization}"}}{rest}}}"#
        )
    };
    let acts = "Practitioner/a acts for north";
    let acts_not = "Practitioner/a does not act for north";
    check(&role("north", ""), &[acts]);
    check(&role("north", r#","active":false"#), &[acts_not]);
    check(&role("south", r#","active":false"#), &[]);
    let period = r#","period":{"start":"1970-01-03","end":"1970-01-11"}"#;
    let expect = [
        &*format!("{acts_not} until 2"),
        &format!("{acts} from 2 until 11"),
        &format!("{acts_not} from 11"),
    ];
    check(&role("north", period), &expect);
    check(&role("north", r#","period":{"end":"?"}"#), &[acts_not]);
    let by_clinician = stated(Role::Clinician, &role("north", r#","active":false"#));
    assert_eq!(by_clinician.counting, []);
    assert_eq!(stated(Role::Administrator, &role("north", "")).counting.len(), 2);
}

#[test]
fn requests_refer_to_their_performers() {
    let request = |rest: &str| {
        format!(
            r#"{{"resourceType":"ServiceRequest","subject":{{"reference":"Patient/p1"}},
                "performer":[{{"reference":"Organization/north"}},
                    {{"reference":"Organization/south"}},{{"reference":"Practitioner/a"}}],{rest}}}"#
        )
    };
    let open = r#""status":"active","intent":"order","authoredOn":"1970-01-11""#;
    let expect = ["referred to south until 101", "cares Practitioner/a until 101"];
    check(&request(open), &expect);
    let later = r#","occurrencePeriod":{"start":"1970-01-01","end":"1970-01-21"}"#;
    let expect = ["referred to south until 111", "cares Practitioner/a until 111"];
    check(&request(&format!("{open}{later}")), &expect);
    check(&request(r#""status":"active","intent":"order""#), &[]);
    check(&request(r#""status":"active","intent":"plan","authoredOn":"1970-01-11""#), &[]);
    check(&request(r#""status":"completed","intent":"order","authoredOn":"1970-01-11""#), &[]);
    check(&request(&format!(r#"{open},"doNotPerform":true"#)), &[]);
    let by_clinician = stated(Role::Clinician, &request(open));
    assert_eq!(by_clinician.counting, []);
}

#[test]
fn coverages_cover_their_beneficiary() {
    let coverage = |rest: &str| {
        format!(
            r#"{{"resourceType":"Coverage","beneficiary":{{"reference":"Patient/p1"}},
                "payor":[{{"reference":"Organization/plan"}},{{"reference":"Patient/p2"}}],{rest}}}"#
        )
    };
    check(&coverage(r#""status":"active""#), &["covered by plan"]);
    check(
        &coverage(r#""status":"active","period":{"end":"1970-01-11"}"#),
        &["covered by plan until 11"],
    );
    check(&coverage(r#""status":"cancelled""#), &[]);
}

fn claim(code: &str, reason: &str, rest: &str) -> String {
    format!(
        r#"{{"resourceType":"Task","meta":{{"profile":["urn:accord:profile:access-claim"]}},
            "status":"requested","intent":"order","for":{{"reference":"Patient/p1"}},
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"{code}"}}]}},
            "requester":{{"reference":"Practitioner/w"}}{reason}{rest}}}"#
    )
}

#[test]
fn claims_count_with_a_reason_and_for_their_author() {
    let claims = |role, json: &str| {
        let stated = stated(role, json);
        assert_eq!((stated.counting.len(), stated.narrowing.len()), (0, 0), "{json}");
        stated.claims.iter().map(short).collect::<Vec<_>>()
    };
    let text = r#","reasonCode":{"text":"referred by telephone"}"#;
    let both = r#","reasonCode":{"text":"unconscious","coding":[{"code":"ETREAT"}]}"#;
    let self_claim = claim("self-claim", text, "");
    assert_eq!(claims(Role::Clinician, &self_claim), ["Practitioner/w claims"]);
    assert_eq!(claims(Role::Pharmacist, &self_claim), ["Practitioner/w claims"]);
    for role in [Role::Registration, Role::Integration, Role::System, Role::Administrator] {
        assert_eq!(claims(role, &self_claim), [""; 0], "{role:?}");
    }
    let glass = claim("break-glass", both, "");
    assert_eq!(claims(Role::Clinician, &glass), ["Practitioner/w breaks the glass"]);
    assert_eq!(claims(Role::Pharmacist, &glass), [""; 0]);
    for none in [
        claim("break-glass", text, ""),
        claim("self-claim", "", ""),
        claim("self-claim", r#","reasonCode":{"text":" "}"#, ""),
        claim("other", both, ""),
        self_claim.replace("requested", "completed"),
        self_claim.replace("Practitioner/w", "Practitioner/v"),
        self_claim.replace("access-claim", "something"),
        self_claim.replace("Patient/p1", "Group/p1"),
    ] {
        assert_eq!(claims(Role::Clinician, &none), [""; 0], "{none}");
    }
}

#[test]
fn claims_end_in_time() {
    let hours = |n: u64| LogTime(n * 3600 * LogTime::SECOND_US);
    let at = hours(100);
    let fact = |emergency, until| {
        let (patient, actor) = ("p".to_owned(), "Practitioner/w".to_owned());
        NamedFact::Claim { patient, actor, emergency, until }.resolve(at, |_, _| 7)
    };
    assert_eq!(fact(false, LogTime::NEVER).until(), hours(124));
    assert_eq!(fact(true, LogTime::NEVER).until(), hours(104));
    assert_eq!(fact(true, hours(102)).until(), hours(102));
    assert!(matches!(fact(true, LogTime::NEVER), Fact::Emergency { .. }));
    assert!(matches!(fact(false, LogTime::NEVER), Fact::ActorCares { .. }));
}

#[test]
fn seals_close_to_all_but_their_team() {
    let seal = |category: &str, provision: &str| {
        format!(
            r#"{{"resourceType":"Consent","status":"active","patient":{{"reference":"Patient/p1"}},
                "meta":{{"profile":["urn:accord:profile:seal"]}},
                "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
                "category":[{{"coding":[{{"system":"urn:accord:codes","code":"{category}"}}]}}],
                "provision":{{"type":"deny"{provision}}}}}"#
        )
    };
    let team = r#","actor":[{"reference":{"reference":"Practitioner/a"}},
        {"reference":{"reference":"Organization/north"}}]"#;
    check(&seal("sealed", team), &["sealed", "not to Practitioner/a"]);
    check(&seal("sealed-locked", ""), &["locked"]);
    check(&seal("whatever", ""), &["locked"]);
    let period = r#","period":{"start":"1970-01-03","end":"1970-01-11"}"#;
    check(&seal("sealed", period), &["sealed from 2 until 11"]);
    check(&seal("sealed", r#","period":{"end":"?"}"#), &["sealed"]);
    check(&seal("sealed", "").replace("active", "inactive"), &[]);
    let class = |code| {
        format!(r#","class":[{{"system":"http://hl7.org/fhir/resource-types","code":"{code}"}}]"#)
    };
    check(&seal("sealed", &class("Encounter")), &["seal Sealed: 1 types, false, false"]);
    check(&seal("?", &class("Encounter")), &["seal Locked: 1 types, false, false"]);
    // What is not understood seals everything.
    check(&seal("sealed", &class("Whatever")), &["sealed"]);
    let one = r#","data":[{"meaning":"instance","reference":{"reference":"Condition/c"}}]"#;
    check(&seal("sealed", one), &["seal Sealed: any types, false, true"]);
    check(&seal("sealed", &one.replace("instance", "related")), &["sealed"]);
    let label = r#","securityLabel":[{"code":"PSY",
        "system":"http://terminology.hl7.org/CodeSystem/v3-ActCode"}]"#;
    check(&seal("sealed", label), &["seal Sealed: any types, true, false"]);
}

mod agreements;
mod statute;

fn consent(rest: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","status":"active","patient":{{"reference":"Patient/p1"}},
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},{rest}}}"#
    )
}

#[test]
fn consents_are_read_whole() {
    let root = |inside: &str| consent(&format!(r#""provision":{{{inside}}}"#));
    check(&root(r#""type":"deny""#), &["consent 1, permits false"]);
    let nested = r#""type":"permit","provision":[{"type":"deny"},{"type":"deny"}]"#;
    check(&root(nested), &["consent 3, permits true"]);
    check(&consent(r#""policyRule":{"coding":[{"code":"OPTIN"}]}"#), &["consent 1, permits true"]);
    // What this server cannot tell: its patient is on hold.
    for held in [
        r#""type":"deny","code":[{"text":"x"}]"#,
        r#""type":"deny","data":[{"meaning":"related","reference":{"reference":"Condition/c"}}]"#,
        r#""type":"deny","actor":[{"reference":{"reference":"Location/l"}}]"#,
    ] {
        check(&root(held), &["held"]);
        assert_eq!(stated(Role::Patient, &root(held)).unenforceable.len(), 1);
    }
    let denial = consent(r#""provision":{"type":"deny"}"#);
    check(&denial.replace("active", "draft"), &[]);
    check(&denial.replace("patient-privacy", "research"), &[]);
}

#[test]
fn who_may_not_make_a_relationship_may_keep_or_end_it() {
    let by_clinician = stated(Role::Clinician, &encounter(r#""status":"in-progress""#));
    assert_eq!(by_clinician.counting, []);
    assert_eq!(by_clinician.narrowing.iter().map(short).collect::<Vec<_>>(), ["cares north"]);
    let denial = stated(Role::Patient, &consent(r#""provision":{"type":"deny"}"#));
    assert_eq!(denial.counting.len(), 1, "a denial counts whoever may write it");

    let cares = |patient, from, until| Fact::OrganizationCares {
        patient: accord_base::PatientOrd(patient),
        organization: accord_base::OrgOrd(1),
        from: LogTime(from),
        until: LogTime(until),
    };
    assert_eq!(narrow([], cares(1, 0, 9)), None);
    assert_eq!(narrow([cares(2, 0, 9)], cares(1, 0, 9)), None);
    assert_eq!(narrow([cares(1, 2, 5), cares(1, 2, 7)], cares(1, 0, 9)), Some(cares(1, 2, 7)));
    assert_eq!(narrow([cares(1, 2, 9)], cares(1, 0, 5)), Some(cares(1, 2, 5)));
    assert_eq!(narrow([cares(1, 7, 9)], cares(1, 0, 5)), None);
}
