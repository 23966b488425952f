//! What agreements share.

use accord_base::{Purpose, Role};
use accord_spec::ResourceType;

use super::{short, stated};
use crate::extract::NamedFact;
use crate::fact::{Action, Cohort, Shared};
use crate::label::{self, SENSITIVITY};
use crate::types::Class;

/// The example of docs/agreements.md, about this controller.
const EXAMPLE: &str = include_str!("../../../../../docs/agreements.md");

fn example() -> String {
    let (_, from) = EXAMPLE.split_once("```json\n").unwrap();
    from.split_once("```").unwrap().0.replace("northgate-hospital", "north")
}

fn shares(role: Role, json: &str) -> Vec<(String, crate::Terms)> {
    let stated = stated(role, json).counting.into_iter();
    let share = stated.filter_map(|fact| match fact {
        NamedFact::Shares { organization, terms, .. } => Some((organization, terms)),
        _ => None,
    });
    share.collect()
}

#[test]
fn the_example_shares_what_it_says() {
    let shares = shares(Role::PrivacyOfficer, &example());
    assert!(shares.iter().all(|(to, _)| to == "elm-street-practice"));
    let what: Vec<Shared> = shares.iter().map(|(_, terms)| terms.shared).collect();
    let statement = ResourceType::from_name("MedicationStatement").unwrap();
    assert_eq!(what, [Shared::Class(Class::Clinical), Shared::Type(statement)]);
    for (_, terms) in shares {
        assert!(terms.permit(Role::Clinician, Purpose::Treat, Action::Read));
        assert!(!terms.permit(Role::Clinician, Purpose::Treat, Action::Export));
        assert!(!terms.permit(Role::Clinician, Purpose::Hpaymt, Action::Read));
        assert!(!terms.permit(Role::Payor, Purpose::Treat, Action::Read));
        assert_eq!(terms.limits.cohort, Cohort::All);
        assert!(terms.limits.owed.no_redisclosure);
        let bits = |code| label::bits([(SENSITIVITY, code)]);
        assert!(terms.limits.cover(0) && terms.limits.cover(bits("SUD")));
        assert!(terms.limits.cover(bits("ETHUD")), "narrower than what is named");
        assert!(!terms.limits.cover(bits("PSY")));
        assert!(!terms.limits.cover(bits("SUD") | bits("HIV")), "every label must be covered");
        assert!(!terms.limits.cover(label::bits([(label::CONFIDENTIALITY, "V")])));
    }
}

#[test]
fn agreements_hold_for_their_time() {
    let counting = stated(Role::Integration, &example()).counting;
    assert_eq!(
        counting.iter().map(short).collect::<Vec<_>>(),
        [
            "shares Class(Clinical) with elm-street-practice from 20454 until 21185",
            "shares Type(MedicationStatement) with elm-street-practice from 20454 until 21185",
        ],
    );
}

#[test]
fn what_cannot_be_told_is_not_shared() {
    let none = |from: &str, to: &str| {
        assert!(example().contains(from), "{from}");
        let json = example().replace(from, to);
        assert!(shares(Role::PrivacyOfficer, &json).is_empty(), "{from} as {to}");
    };
    none("\"executed\"", "\"offered\"");
    none("sharing-agreement", "other");
    none("Organization/north", "Organization/south");
    none("\"subType\"", "\"extension\"");
    none("\"all\"", "\"some\"");
    none("\"recipient\"", "\"guest\"");
    none("\"read\"", "\"wish\"");
    none("\"TREAT\"", "\"HMARKT\"");
    none("\"SUD\"", "\"nothing\"");
    none("\"N\"", "\"nothing\"");
    none("\"intent\"", "\"doNotPerform\": true, \"intent\"");
    none("\"clinician\"", "\"cleaner\"");
    none("\"2026-01-01\"", "\"soon\"");
    for role in [Role::Clinician, Role::Registration, Role::Administrator, Role::Patient] {
        assert!(shares(role, &example()).is_empty(), "{role:?}");
    }
}

#[test]
fn agreements_survive_being_numbers() {
    for (_, terms) in shares(Role::System, &example()) {
        let fact = crate::Fact::Shares {
            organization: accord_base::OrgOrd(3),
            terms,
            from: accord_base::LogTime(1),
            until: accord_base::LogTime::NEVER,
        };
        assert_eq!(fact.parts().fact(), Some(fact));
    }
}
