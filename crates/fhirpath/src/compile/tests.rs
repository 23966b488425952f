use accord_spec::TypeId;

use crate::{CompileError, Limits, Plan, compile, parse};

fn plan(on: &str, text: &str) -> Result<Plan, CompileError> {
    let expr = parse(text, Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
    compile(&expr, TypeId::from_name(on).unwrap(), Limits::default())
}

fn types(on: &str, text: &str, expect: &[&str]) {
    let plan = plan(on, text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut found: Vec<&str> = plan.types().iter().map(|ty| ty.name()).collect();
    found.sort_unstable();
    assert_eq!(found, expect, "{text}");
}

fn fails(on: &str, text: &str, message: &str) {
    assert_eq!(plan(on, text).unwrap_err().to_string(), message, "{text}");
}

#[test]
fn types_follow_from_the_definitions() {
    types("Observation", "Observation.code", &["CodeableConcept"]);
    types("Observation", "Observation.component.value as Quantity", &["Quantity"]);
    types("Condition", "Condition.onset.as(Age) | Condition.onset.as(Range)", &["Age", "Range"]);
    types("Patient", "Resource.meta.tag", &["Coding"]);
    types("Patient", "Patient.deceased.exists() and Patient.deceased != false", &[]);
    types("Encounter", "subject.where(resolve() is Patient)", &["Reference"]);
    types("Patient", "birthDate.extension('x').value as Coding", &["Coding"]);
    types("Patient", "Patient.name | Observation.code", &["HumanName"]);
    types("ConceptMap", "ConceptMap.source as canonical", &["canonical"]);
    types("ConceptMap", "ConceptMap.source as uri", &["uri"]);
    types("Bundle", "Bundle.entry[0].resource", &["Resource"]);
}

#[test]
fn unknown_and_unsupported_parts_are_named() {
    fails("Patient", "Patient.nam", "`Patient` has no element `nam`");
    fails("Observation", "Observation.value.nam", {
        "`CodeableConcept, Period, Quantity, Range, Ratio, SampledData, boolean, dateTime, \
         integer, string, time` has no element `nam`"
    });
    fails("Patient", "name is Nam", "`Nam` is not a type");
    fails("Patient", "name is Patient.contact", "`Patient.contact` is not a type");
    fails("Patient", "%vs", "`%vs` is not defined");
    fails("Patient", "name.where()", "wrong arguments for `where`");
    fails("Patient", "name.as(1)", "wrong arguments for `as`");
    fails("Patient", "name.anything()", "`anything` is not supported");
    fails("Patient", "name.take()", "wrong arguments for `take`");
    fails("Patient", "birthDate = @2020-02-30", "`@2020-02-30` is not a value");
    fails("Patient", "defineVariable('context', 1)", "wrong arguments for `defineVariable`");
    fails("Patient", "Observation.cod", "`Observation` has no element `cod`");
}
