//! Chains and `_has`.

use super::super::*;
use super::{check, ignore, query, refuse, test};

/// The types behind the first reference, and behind those of the first.
fn links(on: &str, text: &str) -> (Vec<&'static str>, Option<Test>) {
    let Test::Chain(chain) = test(on, text) else { panic!("{text} is no chain") };
    let types = chain.links.iter().map(|link| link.resource_type.name()).collect();
    (types, chain.links.into_iter().next().map(|link| link.clause.test))
}

#[test]
fn chains_lead_to_one_type_or_to_all_that_have_the_parameter() {
    for text in ["subject:Patient.name:exact=x", "patient.birthdate=ge2000", "subject.identifier=1"]
    {
        check("Observation", text, text);
    }
    assert_eq!(links("Observation", "patient.gender=male").0, ["Patient"]);
    assert_eq!(links("Observation", "subject:Patient.gender=male").0, ["Patient"]);
    let all = links("Observation", "subject.identifier=s|1").0;
    assert_eq!(all, ["Device", "Group", "Location", "Patient"]);
    assert_eq!(links("Observation", "subject.birthdate=2000").0, ["Patient"]);
    let (types, inner) = links("Condition", "encounter.subject:Patient.name=x");
    assert_eq!(types, ["Encounter"]);
    assert!(matches!(inner, Some(Test::Chain(_))));
    check("Observation", "subject:Patient._id=1", "subject:Patient._id=1");
}

#[test]
fn has_and_chains_nest() {
    for text in [
        "_has:Observation:patient:code=1234-5",
        "_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/x",
        "_has:Observation:patient:encounter.status=finished",
    ] {
        check("Patient", text, text);
    }
    let mixed = "encounter.subject:Patient._has:Group:member:_id=1";
    check("Condition", mixed, mixed);
    assert_eq!(links("Patient", "_has:Observation:subject:value-quantity=gt5").0, ["Observation"]);
    check("*", "_has:Provenance:target:agent=x", "_has:Provenance:target:agent=x");
    let text = query("Condition", "encounter.status=finished,planned&code=x").to_query_string();
    assert_eq!(text, "encounter.status=finished,planned&code=x");
}

#[test]
fn what_leads_nowhere_is_refused() {
    let no = "nothing that `subject` refers to has `birthday`";
    ignore("Observation", "subject.birthday=2000", no);
    ignore("Observation", "patient.birthday=2000", "parameter `birthday` is not known for Patient");
    refuse("Observation", "subject.birthdate=2000-99", "`2000-99` is not a date");
    refuse(
        "Observation",
        "code.name=x",
        "token parameter `code` has nothing behind it: no reference",
    );
    refuse(
        "Observation",
        "subject:Encounter.status=x",
        "`subject` does not refer to a `Encounter`",
    );
    refuse(
        "Patient",
        "_has:Observation:code:code=x",
        "token parameter `code` has nothing behind it: no reference",
    );
    refuse("Patient", "_has:Foo:code:code=x", "`Foo` is not a resource type");
    refuse(
        "Patient",
        "_has:Observation:patient=x",
        "`_has:Observation:patient` is not `_has:Type:reference:parameter`",
    );
    refuse(
        "Encounter",
        "_has:Observation:patient:code=x",
        "`patient` of Observation does not refer to a Encounter",
    );
    let long = format!("{}status=x", "part-of:Encounter.".repeat(9));
    refuse("Encounter", &long, "a search has at most 8 references in a chain");
    let wide = format!("{}identifier=x", "subject.".repeat(8));
    refuse("Composition", &wide, "a search has at most 2000 types behind references");
}
