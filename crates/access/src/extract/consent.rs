//! Consent: what a patient permits and forbids.

use accord_base::Role;
use accord_fhir::json::Value;

use super::{NamedFact, Stated, Stating, grant, seal, sorted};
use crate::consent::{Abilities, Context, read};

/// What this server can tell beyond the columns of a row.
const ABILITIES: Abilities = Abilities { membership: true, links: true };

/// What a Consent states: as a seal, as a grant to act for the patient, or else as what the patient
/// permits and forbids.
pub(super) fn stated(stating: &Stating<'_>) -> Stated {
    let by_proxy = stating.writer.role == Role::Proxy;
    let stated = if seal::is_seal(stating.resource) {
        // Who acts for a patient does not close their record.
        if by_proxy { Stated::default() } else { sorted(stating, seal::facts(stating)) }
    } else if grant::is_grant(stating.resource) {
        grant::stated(stating)
    } else {
        rules(stating)
    };
    Stated { signed: signed(stating), ..stated }
}

/// An active privacy consent states its rules, whoever was allowed to write it; one that cannot be
/// enforced puts its patient on hold.
fn rules(stating: &Stating<'_>) -> Stated {
    let resolve = |value: Value<'_>| stating.reference(value);
    let context = Context { resolve: &resolve, abilities: ABILITIES, zone: stating.zone };
    let Some(mut reading) = read(stating.resource, stating.id, context) else {
        return Stated::default();
    };
    // Who acts for a patient does not lift what the patient, or another, wrote.
    if let Some(rules) = reading.rules.as_mut().filter(|_| stating.writer.role == Role::Proxy) {
        rules.supersedes = None;
    }
    let consent = reading.rules.map(|rules| NamedFact::Consent(Box::new(rules)));
    Stated {
        counting: consent.into_iter().collect(),
        unenforceable: reading.faults,
        ..Stated::default()
    }
}

/// Who signs an active consent for its patient: related persons and other patients, but for those
/// whom a grant lets act.
fn signed(stating: &Stating<'_>) -> Vec<(String, String)> {
    let consent = stating.resource;
    let active = consent.get_str("status").is_some_and(|status| status == "active");
    let Some(patient) = stating.target(consent.get("patient"), "Patient").filter(|_| active) else {
        return Vec::new();
    };
    let performers = consent.get("performer").into_iter().flat_map(Value::each);
    let granted: Vec<_> = grant::grantees(consent)
        .filter_map(|who| stating.reference(who.get("valueReference")?))
        .collect();
    let for_them = |performer| match stating.reference(performer)? {
        who if granted.contains(&who) => None,
        (kind, id) if kind == "RelatedPerson" || kind == "Patient" && id != patient => {
            Some((format!("{kind}/{id}"), patient.clone()))
        }
        _ => None,
    };
    performers.filter_map(for_them).collect()
}
