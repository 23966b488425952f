//! What a consent does where its provisions do not say (D1): the root's type, else the rule it
//! opts into or out of, else a policy that is known.

use accord_fhir::json::Value;

use super::super::purpose::{ACT_REASON, PurposeTest};
use super::super::rule::{Provision, Who};
use super::code::has_code;
use crate::consent::Policy;

type Root = Provision<String, String>;

/// The root provision before its own conditions; `None` if nothing says whether it permits.
pub(super) fn of(consent: Value<'_>) -> Option<Root> {
    let root = consent.get("provision");
    match root.and_then(|root| root.get_str("type")).as_deref() {
        Some("permit") => return Some(Provision::bare(true)),
        Some("deny") => return Some(Provision::bare(false)),
        Some(_) => return None,
        None => {}
    }
    let rule = |code| consent.get("policyRule").is_some_and(|rule| has_code(rule, code));
    match (rule("OPTIN"), rule("OPTOUT")) {
        (true, false) => return Some(Provision::bare(true)),
        (false, true) => return Some(Provision::bare(false)),
        (true, true) => return None,
        (false, false) => {}
    }
    known(consent).map(|policy| match policy {
        Policy::BasicNormal => Provision {
            who: Who::Treating,
            purposes: Some(covering("TREAT")),
            ..Provision::bare(true)
        },
        Policy::AllNormal => Provision::bare(true),
        Policy::BreakGlassOnly | Policy::Deny => Provision::bare(false),
    })
}

/// What a policy permits inside the denial that it is.
pub(super) fn exception(consent: Value<'_>, root: Option<Value<'_>>) -> Option<Root> {
    let typed = root.is_some_and(|root| root.get("type").is_some());
    let ruled = ["OPTIN", "OPTOUT"]
        .iter()
        .any(|code| consent.get("policyRule").is_some_and(|rule| has_code(rule, code)));
    (!typed && !ruled && known(consent) == Some(Policy::BreakGlassOnly)).then(|| Provision {
        path: smallvec::smallvec![0],
        who: Who::Treating,
        purposes: Some(covering("BTG")),
        ..Provision::bare(true)
    })
}

/// The one overarching policy that the consent names, of those that are known.
fn known(consent: Value<'_>) -> Option<Policy> {
    let policies = consent.get("policy").into_iter().flat_map(Value::each);
    let mut known = policies.filter_map(|policy| Policy::from_uri(&policy.get_str("uri")?));
    let first = known.next()?;
    known.all(|other| other == first).then_some(first)
}

fn covering(code: &str) -> PurposeTest {
    let mut test = PurposeTest::default();
    test.add(ACT_REASON, code);
    test
}
