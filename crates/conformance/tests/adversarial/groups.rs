//! The list: number, name, what is tried, what is yet to come.

use crate::glass;
use crate::labels;
use crate::patches;
use crate::scene::Scene;
use crate::writes;

/// A group of attempts of one kind.
pub struct Group {
    pub number: u8,
    pub name: &'static str,
    /// Addresses whose answers, page by page, are those of the store without the hidden things.
    pub requests: &'static [&'static str],
    /// Attempts that are more than an address.
    pub more: &'static [fn(&Scene)],
    /// What of the group is not built yet.
    pub pending: Option<&'static str>,
}

impl Group {
    pub fn has_attempts(&self) -> bool {
        !self.requests.is_empty() || !self.more.is_empty()
    }
}

const fn group(
    number: u8,
    name: &'static str,
    requests: &'static [&'static str],
    more: &'static [fn(&Scene)],
    pending: Option<&'static str>,
) -> Group {
    Group { number, name, requests, more, pending }
}

const NO_SQL: &str = "there is no SQL interface yet";

pub const GROUPS: &[Group] = &[
    group(
        1,
        "a reverse chain as an oracle of values",
        &[
            "Patient?_has:Observation:patient:value-quantity=gt5.5",
            "Patient?_has:Observation:patient:value-quantity=gt5.0&_summary=count",
            "Patient?_has:Observation:subject:value-quantity=gt5.85",
            "Patient?_has:Observation:patient:_has:Observation:derived-from:status=final",
            "Patient?_has:Observation:patient:code:missing=false&_count=1",
            "Observation?value-quantity=gt5.5",
            "Observation?value-quantity=gt5.85",
            "Observation?value-quantity=5.9",
            "Observation?value-quantity=lt5.75&_summary=count",
        ],
        &[],
        None,
    ),
    group(
        2,
        "a chain through a hidden resource",
        &[
            "Observation?subject:Patient.name=Bob",
            "Observation?patient.family=Cat",
            "Condition?encounter.subject:Patient.family=Bob",
            "Observation?subject.name=Bob",
            "Observation?subject.name:missing=false&_summary=count",
            "Observation?subject:Patient.gender:not=male",
            "Observation?subject:Patient._id=h-bob,h-cat,s-ann",
            "Observation?derived-from.value-quantity=gt5",
            "Observation?derived-from:Observation.subject:Patient.family=Cat",
            "Observation?derived-from.status=final",
            "Condition?encounter.status:missing=false",
            "Communication?recipient:Patient._has:Observation:patient:status=final",
            "Communication?recipient:Patient.family=Bob",
            "Observation?patient=Patient/h-bob",
            "Observation?subject=h-cat",
        ],
        &[],
        None,
    ),
    group(
        3,
        "counts, with and without a hidden label",
        &[
            "Observation?_summary=count",
            "Patient?_summary=count",
            "Condition?_total=accurate",
            "Condition?_total=estimate",
            "Condition?_total=none",
            "Condition?_count=0",
            "Condition?_security=http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY",
            "Condition?_security=PSY&_summary=count",
            "Condition?_security:not=PSY&_summary=count",
            "?_type=Observation,Condition&_summary=count",
        ],
        &[],
        None,
    ),
    group(
        4,
        "paging and cursors",
        &["Observation?_count=1", "Patient?_count=1", "_history?_count=1", "Observation?_count=2"],
        &[writes::cursors],
        None,
    ),
    group(
        5,
        "includes that reach hidden resources",
        &[
            "Observation?_include=Observation:subject",
            "Patient?_revinclude=Observation:patient",
            "Patient?_revinclude:iterate=*:*",
            "Patient?_count=1&_revinclude=*&_include:iterate=*",
            "Observation?_include=*&_count=1",
            "Observation?_include=Observation:derived-from",
            "Observation?_include:iterate=Observation:derived-from&_include:iterate=*:*",
            "Condition?_include=Condition:encounter&_revinclude=Observation:encounter",
            "?_type=Patient,List&_revinclude:iterate=*&_count=1",
            "Communication?_include=Communication:recipient",
        ],
        &[],
        None,
    ),
    group(
        6,
        "order and position",
        &[
            "Observation?_sort=_lastUpdated",
            "Observation?_sort=-_lastUpdated&_count=1",
            "Observation?_sort=_id&_count=1",
            "Patient?_sort=-_id",
            "Observation?_sort=-date&_count=1",
            "Observation?_sort=value-quantity&_count=1",
            "Observation?_sort=-value-quantity,code,_id&_count=1",
            "Observation?_sort=subject&_count=2",
            "Patient?_sort=family,-birthdate&_count=1",
            "Patient?_sort=-address-postalcode&_count=1",
            "Condition?_sort=-encounter&_count=1",
        ],
        &[],
        None,
    ),
    group(
        7,
        "the same data by another door",
        &[
            "?_id=h-bob",
            "?_id=h-potassium,s-potassium-1",
            "?_type=Observation",
            "?_lastUpdated=gt2000-01-01&_count=1",
            "Patient/h-bob/Observation",
            "Patient/h-cat/*?_count=1",
            "Patient/s-ann/*?_count=1",
            "Patient/s-ann/Communication",
            "Patient/s-ann/Observation?_sort=-date&_include=*&_count=1",
            "Practitioner/dr-alder/Observation?_summary=count",
            "Encounter/h-visit/Observation",
            "Observation/_search?value-quantity=gt5.5",
        ],
        &[writes::in_bundles],
        Some("graphs are not built yet"),
    ),
    group(
        8,
        "histories and versions from before",
        &[
            "_history",
            "_history?_count=1",
            "_history?_since=2020-01-01",
            "_history?_at=2026-11-21",
            "Observation/_history",
            "Observation/h-sodium/_history",
            "Observation/h-gone/_history",
            "Patient/h-cat/_history",
        ],
        &[writes::old_versions],
        None,
    ),
    group(9, "conditions as an oracle of existence", &[], &[writes::conditions], None),
    group(
        10,
        "guessed versions and echoes",
        &[],
        &[writes::guesses, patches::onto_hidden, patches::of_parts, patches::tests],
        None,
    ),
    group(
        11,
        "labels dropped, resources moved",
        &[],
        &[writes::laundering, writes::other_controllers],
        None,
    ),
    group(12, "facts of one's own making", &[], &[writes::manufacture], None),
    group(13, "other purposes", &[], &[writes::purposes], None),
    group(
        14,
        "breaking the glass",
        &["Task?_profile=urn:accord:profile:access-alert"],
        &[glass::broken_where_it_must_not, glass::alerted, glass::markers_say_no_more],
        None,
    ),
    group(
        15,
        "withdrawal while something goes on",
        &[],
        &[writes::withdrawal_while_paging],
        Some("exports, subscriptions and replicas are not built yet"),
    ),
    group(
        16,
        "consents that are not in force",
        &["Consent?_count=10", "Consent?patient=Patient/h-cat", "Consent/h-consent"],
        &[writes::consents_not_in_force],
        None,
    ),
    group(
        17,
        "several labels",
        &[
            "Condition?_security=PSY,HIV",
            "Condition?_security=R",
            "Condition?_security:missing=true",
        ],
        &[labels::several, labels::later_rules],
        None,
    ),
    group(
        18,
        "copies in other resources",
        &[
            "Communication?_count=10",
            "Communication/h-both",
            "List?_count=10",
            "List/h-list",
            "List?subject:missing=true",
            "Communication?recipient=Patient/h-cat",
            "Observation/s-tells-1",
        ],
        &[],
        Some(
            "references and narratives tell nothing of what is hidden; notes, payloads and \
              attachments are not looked into",
        ),
    ),
    group(
        19,
        "hints that something was removed",
        &[
            "Observation?_count=1000",
            "Observation?_security=REDACTED",
            "Condition?_count=1000&_security=PSY",
        ],
        &[],
        None,
    ),
    group(
        20,
        "references and displays of hidden targets",
        &[
            "Organization/riverside-hospital",
            "Organization?_count=10",
            "Observation/s-tells-1",
            "Observation/s-tells-2/_history",
            "Observation/s-tells-3/_history/1",
            "Observation?derived-from=Observation/h-potassium",
            "Observation?derived-from:missing=false&_count=1",
        ],
        &[writes::references_tell_nothing, writes::parts_tell_nothing, labels::inherited],
        None,
    ),
    group(
        21,
        "modifiers and lists of ids",
        &[
            "Patient?family:contains=o",
            "Patient?family:exact=Bob",
            "Patient?gender:not=male",
            "Patient?birthdate:missing=false",
            "Patient?_id=h-bob,h-cat,s-ann",
            "Patient?address-postalcode:exact=P Cat",
            "Observation?value-quantity:missing=false&_summary=count",
            "Patient?_text=Bob",
            "Patient?_content=Bob",
            "Patient?_filter=family eq Bob",
            "Patient?_list=h-list",
            "Observation?_list=h-list,s-list&_count=1",
            "Patient?_summary=data",
            "Patient?near=1|1|1|km",
        ],
        &[],
        Some("texts and places are refused until they are built"),
    ),
    group(
        22,
        "operations",
        &["Patient/h-bob/$everything", "Observation/$lastn?patient=h-bob"],
        &[writes::operations, glass::asked_why],
        Some("whole records, last results, measures and exports are not built yet"),
    ),
    group(23, "SQL", &[], &[], Some(NO_SQL)),
    group(
        24,
        "several patients in one resource",
        &[
            "Communication?subject=Patient/s-ann",
            "List?_id=h-list",
            "Patient?link:missing=true",
            "Patient?link=Patient/h-cat",
            "Patient?active=false",
            "Patient?identifier=number-h-eve",
            "Observation?subject=Patient/h-eve",
            "Observation?patient=h-cat",
            "Observation?subject=Patient/s-ann&_summary=count",
            "Observation?_id=h-moved",
            "Observation?value-quantity=5.2",
            "Observation/h-moved/_history",
            "Observation/h-moved/_history/1",
            "Observation/_history?_count=1000",
            "Encounter?subject=Patient/h-eve&_summary=count",
        ],
        &[writes::one_person, writes::wrong_patient],
        None,
    ),
    group(25, "other organisations and roles", &[], &[writes::other_organizations], None),
    group(
        26,
        "where a protected patient is",
        &[
            "Patient?address-postalcode=P Bob",
            "Patient?address-city=Town",
            "Patient?address:missing=true",
            "Encounter?location:missing=true",
        ],
        &[],
        Some(
            "a protected patient is tried in crates/engine and crates/access; what a claim or a \
              device tells of where they are is not looked into",
        ),
    ),
    group(27, "caches and entity tags", &[], &[writes::entity_tags], None),
    group(
        28,
        "timing",
        &[],
        &[],
        Some("instructions of reads are counted by the benchmark, not here"),
    ),
    group(29, "research", &[], &[], Some("no workspaces yet; opt-outs are tried in crates/access")),
    group(
        30,
        "records of access",
        &[],
        &[writes::records_of_access],
        Some("tampering is tried in crates/server/tests and crates/store"),
    ),
];
