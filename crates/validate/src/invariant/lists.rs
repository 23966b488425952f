//! Which invariants are not evaluated as published, each with its reason.
//!
//! R4's expressions are normative as they stand, but some are wrong by the specification's own
//! later words: R5 publishes the same invariant (same key, same text for people) with another
//! expression.

use accord_fhir::json::Value;

use super::hand;

/// Of one invariant: where it is stated, its key, and what there is to say of it.
pub(crate) type Entry<T> = (&'static str, &'static str, T);

/// Found while a resource is walked, for every element and without an expression; and by what.
pub(crate) const WALKED: &[Entry<&str>] = &[
    ("DomainResource", "dom-2", "element.rs"),
    ("DomainResource", "dom-3", "resource.rs"),
    ("DomainResource", "dom-4", "resource.rs"),
    ("DomainResource", "dom-5", "resource.rs"),
    ("Element", "ele-1", "object.rs, primitive.rs"),
    ("Element.extension", "ele-1", "object.rs"),
    ("Extension", "ext-1", "extension.rs"),
    ("Extension.extension", "ext-1", "extension.rs"),
    ("Narrative.div", "txt-1", "grammar/xhtml.rs"),
    ("Narrative.div", "txt-2", "grammar/xhtml.rs"),
    ("Reference", "ref-1", "reference.rs"),
];

/// Whether an object meets an invariant.
pub(crate) type Hand = fn(Value<'_>) -> bool;

/// Written by hand: as published they compare each with each, and per-1 takes a year for earlier
/// than a day of it (R5: `start.lowBoundary() <= end.highBoundary()`).
pub(crate) const HANDMADE: &[Entry<Hand>] = &[
    ("Bundle", "bdl-7", hand::entries_differ),
    ("CodeSystem", "csd-1", hand::codes_differ),
    ("Period", "per-1", hand::begins_before_end),
    ("Questionnaire", "que-2", hand::links_differ),
];

/// Evaluated with another expression, and why.
pub(crate) const CORRECTED: &[Entry<(&str, &str)>] = &[
    (
        "MessageDefinition.focus",
        "md-1",
        (
            "max.empty() or max = '*' or max.toInteger() > 0",
            "the expression needs `max`, which may be absent",
        ),
    ),
    (
        "Questionnaire.item.enableWhen",
        "que-7",
        (
            "operator = 'exists' implies (answer is boolean)",
            "`Boolean` is a type of the language, which no element has; so corrected in R5",
        ),
    ),
];

/// Met where the expression yields nothing; elsewhere only what is true is met. Why.
pub(crate) const MET_BY_NOTHING: &[Entry<&str>] = &[
    ("Bundle.entry", "bdl-8", "an entry may have no fullUrl (R5: `fullUrl.exists() implies …`)"),
    ("MedicationDispense", "mdd-1", "times of different precision may have no order"),
    ("Range", "rng-2", "quantities in units that cannot be converted have no order (so in R5)"),
    ("RiskAssessment.prediction", "ras-2", "a prediction may have no probability"),
    ("Task", "inv-1", "times of different precision may have no order"),
];

/// Not asked, and why.
pub(crate) const LEFT_OUT: &[Entry<&str>] = &[
    ("ChargeItemDefinition", "cid-0", "asks for `name`, which the type does not have"),
    (
        "Condition",
        "con-3",
        "compares a concept with a text, so that every category would warn; in R5 \
         `category.coding.where(system = … and code = 'problem-list-item')`",
    ),
];
