//! Random worlds: what happens to a store, and what is asked of it.

use std::sync::Arc;

use accord_access::{
    AccessRequest, Decision, Fact, Interaction, Names, PolicyIndex, RowPolicy, Scope, decide,
};
use accord_base::{
    ActorOrd, LogTime, OrgOrd, PatientOrd, Principal, Purpose, ResourceId, Role, Row, Subject,
};
use accord_fhir::Decimal;
use accord_index::{Change, Datum, Value, Values};
use accord_query::{
    Clause, DateValue, NumberValue, Prefix, QuantityValue, Query, ReferenceValue, Sort, SortKey,
    Target, Test, Text, TextMode, Token, TokenSystem, Unit, normalise,
};
use accord_spec::{ParamId, ResourceType, param, param_by_id};
use proptest::prelude::*;
use proptest::sample::select;
use smallvec::SmallVec;

/// Types in play: two about patients, two of the directory.
pub const TYPES: [ResourceType; 4] = [
    ResourceType::OBSERVATION,
    ResourceType::PATIENT,
    ResourceType::ORGANIZATION,
    ResourceType::PRACTITIONER,
];

/// What happens to a store.
#[derive(Clone, Debug)]
pub enum Op {
    Put {
        resource_type: ResourceType,
        id: String,
        policy: RowPolicy,
        values: Arc<Values>,
    },
    Delete {
        resource_type: ResourceType,
        id: String,
    },
    /// A record without a resource version.
    Hole,
    /// The next put changes an earlier row: which, as a share of all, and how.
    Change(usize, Change),
    /// The transaction ends; time passes.
    Publish(u64),
    Seal,
    /// Segments are merged, so many of a tier to one.
    Merge(u32),
    Reopen,
}

/// A parameter of Observation of each kind.
pub fn param_of(code: &str) -> u16 {
    param(ResourceType::OBSERVATION, code).unwrap().id.0
}

/// NOPAT and TBOO keep rows from patients, in old states as soon as they are found: that is told
/// by the leak property, and not by a model that knows of no labels.
const WITHHELD: u64 = 1 << 62 | 1 << 21;

fn token_param() -> impl Strategy<Value = u16> {
    select(vec![param_of("code"), param_of("status"), param_of("_tag")])
}

fn text(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(values).prop_map(str::to_owned)
}

const CODES: &[&str] = &["a", "b", "ab", "0"];
const SYSTEMS: &[&str] = &["s", "http://s.org", "sa"];
const TEXTS: &[&str] =
    &["Smith", "smith", "Smithers", "Åsa", "asa", "van  der Berg", "ß", "A", "", "Mc Smith"];
const URIS: &[&str] = &["http://a", "http://a/b", "urn:oid:1.2"];
const NUMBERS: &[&str] = &["0", "1", "1.0", "1.04", "1.05", "0.95", "-3", "100", "1e2", "99.6"];
pub const IDS: &[&str] = &[
    "a",
    "b",
    "B",
    "c-1",
    "d67a0cff-8f7e-46f7-bb99-577a6623e59a",
    "00000000-0000-0000-0000-000000000000",
    "x.y",
];

fn number() -> impl Strategy<Value = Decimal> {
    select(NUMBERS).prop_map(|text| Decimal::parse(text).unwrap())
}

fn system() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text(SYSTEMS))
}

fn value() -> impl Strategy<Value = Value> {
    let of = |code: &str, datum: BoxedStrategy<Datum>| {
        let param = param_of(code);
        datum.prop_map(move |datum| Value { param, datum }).boxed()
    };
    let token = (system(), text(CODES)).prop_map(|(system, code)| Datum::Token { system, code });
    let token = (token_param(), token).prop_map(|(param, datum)| Value { param, datum });
    let reference = (select(&TYPES[..]), text(IDS))
        .prop_map(|(t, id)| Datum::Reference { resource_type: t.0, id });
    let url = text(&["http://x", "http://x|1", "http://x|2", "urn:uuid:1"]).prop_map(Datum::Url);
    let date = (-20i64..20, 1i64..12, any::<[bool; 6]>()).prop_map(|(low, length, open)| {
        let all = |flag: usize| open[flag] && open[flag + 1] && open[flag + 2];
        Datum::Date {
            low: if all(0) { i64::MIN } else { low },
            high: if all(3) { i64::MAX } else { low + length },
        }
    });
    let quantity = (number(), number(), system(), system(), system(), any::<[bool; 3]>()).prop_map(
        |(a, b, system, code, unit, [open_low, open_high, point])| {
            let (a, b) = (a.order_key(), b.order_key());
            Datum::Quantity {
                low: if open_low && !point { u128::MIN } else { a.min(b) },
                high: match (point, open_high) {
                    (true, _) => a.min(b),
                    (false, true) => u128::MAX,
                    (false, false) => a.max(b),
                },
                system,
                code,
                unit,
            }
        },
    );
    prop_oneof![
        4 => token,
        2 => of("subject", reference.boxed()),
        1 => of("subject", url.boxed()),
        2 => of("value-string", text(TEXTS).prop_map(Datum::Text).boxed()),
        2 => of("date", date.boxed()),
        1 => of("combo-value-quantity", number().prop_map(|n| Datum::Number { key: n.order_key() }).boxed()),
        2 => of("value-quantity", quantity.boxed()),
        1 => of("_profile", text(URIS).prop_map(Datum::Uri).boxed()),
    ]
}

fn values() -> impl Strategy<Value = Arc<Values>> {
    prop::collection::vec(value(), 0..7).prop_map(|mut values| {
        let mut seen: Vec<Value> = Vec::new();
        values.retain(|value| {
            let new = !seen.contains(value);
            seen.push(value.clone());
            new
        });
        Arc::new(Values(values))
    })
}

fn patients() -> impl Strategy<Value = Vec<PatientOrd>> {
    prop::collection::btree_set((0u32..4).prop_map(PatientOrd), 0..3)
        .prop_map(|set| set.into_iter().collect())
}

fn policy() -> impl Strategy<Value = RowPolicy> {
    let authors = prop::collection::btree_set((0u32..3).prop_map(ActorOrd), 0..3);
    (0u32..3, patients(), any::<u8>(), authors).prop_map(
        |(controller, patients, labels, authors)| RowPolicy {
            controller: OrgOrd(controller),
            source: OrgOrd(controller),
            patients: SmallVec::from_vec(patients),
            labels: u64::from(labels),
            clinical_day: i32::from(labels),
            authors: authors.into_iter().collect(),
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u64>().prop_map(|labels| Change::Labels(labels & !WITHHELD)),
        (0u32..3).prop_map(|o| Change::Controller(OrgOrd(o))),
        patients().prop_map(Change::Patients),
    ]
}

/// A put; only parameters of the type, or common to all, have values.
fn put(resource_type: ResourceType, id: String, policy: RowPolicy, values: Arc<Values>) -> Op {
    let of_type = |value: &Value| {
        let base = param_by_id(ParamId(value.param)).unwrap().base;
        base.is_none_or(|base| base == resource_type)
    };
    let values = Arc::new(Values(values.0.iter().filter(|v| of_type(v)).cloned().collect()));
    Op::Put { resource_type, id, policy, values }
}

/// One step in the life of a store.
pub fn op() -> impl Strategy<Value = Op> {
    let what = || (select(&TYPES[..]), text(IDS));
    let some_id = "[a-z0-9]{3}";
    prop_oneof![
        12 => (what(), policy(), values()).prop_map(|((resource_type, id), policy, values)|
            put(resource_type, id, policy, values)),
        12 => (select(&TYPES[..]), some_id, policy(), values())
            .prop_map(|(resource_type, id, policy, values)|
            put(resource_type, id, policy, values)),
        3 => what().prop_map(|(resource_type, id)| Op::Delete { resource_type, id }),
        1 => Just(Op::Hole),
        2 => (any::<usize>(), change()).prop_map(|(at, change)| Op::Change(at, change)),
        9 => prop_oneof![60 => 0u64..3, 1 => Just(500_000_000u64)].prop_map(Op::Publish),
        1 => Just(Op::Seal),
        2 => (2u32..4).prop_map(Op::Merge),
        1 => prop_oneof![3 => Just(Op::Seal), 1 => Just(Op::Reopen)],
    ]
}

fn prefix() -> impl Strategy<Value = Prefix> {
    select(vec![
        Prefix::Eq,
        Prefix::Ne,
        Prefix::Gt,
        Prefix::Lt,
        Prefix::Ge,
        Prefix::Le,
        Prefix::Sa,
        Prefix::Eb,
        Prefix::Ap,
    ])
}

fn date_value(low: BoxedStrategy<i64>) -> impl Strategy<Value = DateValue> {
    (prefix(), low, 1i64..12).prop_map(|(prefix, low, length)| DateValue {
        prefix,
        low,
        high: low.saturating_add(length),
        text: String::new(),
    })
}

fn number_value() -> impl Strategy<Value = NumberValue> {
    (prefix(), number()).prop_map(|(prefix, number)| {
        let (low, high) = match prefix {
            Prefix::Ap => number.approximate_range(),
            _ => number.precision_range(),
        };
        let (exact, low, high) = (number.order_key(), low.order_key(), high.order_key());
        NumberValue { prefix, exact, low, high, text: String::new() }
    })
}

fn token() -> impl Strategy<Value = Token> {
    let system = prop_oneof![
        Just(TokenSystem::Any),
        Just(TokenSystem::Absent),
        text(SYSTEMS).prop_map(TokenSystem::Is)
    ];
    (system, proptest::option::weighted(0.8, text(CODES))).prop_map(|(system, code)| match system {
        TokenSystem::Absent if code.is_none() => Token { system, code: Some("a".into()) },
        system => Token { system, code },
    })
}

fn some<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(of, 1..4)
}

fn clause() -> impl Strategy<Value = Clause> {
    let on = |code: &str| Target::Param(ParamId(param_of(code)));
    let unit = prop_oneof![
        Just(Unit::Any),
        text(SYSTEMS).prop_map(Unit::CodeOrText),
        (text(SYSTEMS), text(SYSTEMS)).prop_map(|(system, code)| Unit::Coded { system, code }),
    ];
    let reference = prop_oneof![
        text(IDS).prop_map(ReferenceValue::Id),
        (select(&TYPES[..]), text(IDS))
            .prop_map(|(resource_type, id)| ReferenceValue::Resource { resource_type, id }),
        text(&["http://x", "http://x|1", "urn:uuid:1"]).prop_map(ReferenceValue::Url),
    ];
    let mode = select(vec![TextMode::StartsWith, TextMode::Exact, TextMode::Contains]);
    let searched = prop_oneof![text(TEXTS), text(&["s", "sm", "mit", "der b", "zz", "Å"])];
    let texts = some(searched.prop_map(|raw| Text { normal: normalise(&raw), raw }));
    let missing = select(vec!["code", "date", "value-quantity", "subject", "value-string"]);
    let quantity = (number_value(), unit).prop_map(|(number, unit)| QuantityValue { number, unit });
    let ids = some(text(IDS).prop_map(|id| Token { system: TokenSystem::Any, code: Some(id) }));
    let born = prop_oneof![5 => (990i64..1300).boxed(), 1 => any::<i64>().boxed()].boxed();
    let of = move |code: &str, test: BoxedStrategy<Test>| {
        let target = on(code);
        test.prop_map(move |test| Clause { target, test }).boxed()
    };
    prop_oneof![
        4 => (token_param(), any::<bool>(), some(token())).prop_map(|(param, negated, any_of)|
            Clause { target: Target::Param(ParamId(param)), test: Test::Token { negated, any_of } }),
        2 => (missing, any::<bool>()).prop_map(move |(code, missing)| Clause {
            target: on(code), test: Test::Missing(missing) }),
        2 => of("subject", some(reference).prop_map(Test::Reference).boxed()),
        3 => of("value-string",
            (mode, texts).prop_map(|(mode, any_of)| Test::Text { mode, any_of }).boxed()),
        3 => of("date", some(date_value((-22i64..22).boxed())).prop_map(Test::Date).boxed()),
        2 => of("combo-value-quantity", some(number_value()).prop_map(Test::Number).boxed()),
        3 => of("value-quantity", some(quantity).prop_map(Test::Quantity).boxed()),
        1 => of("_profile", some(text(URIS)).prop_map(Test::Uri).boxed()),
        1 => ids.prop_map(|any_of|
            Clause { target: Target::Id, test: Test::Token { negated: false, any_of } }),
        4 => prop::collection::vec(date_value(born), 1..3).prop_map(|values|
            Clause { target: Target::LastUpdated, test: Test::Date(values) }),
    ]
}

/// A search.
pub fn query() -> impl Strategy<Value = Query> {
    let sort = (select(vec![SortKey::Id, SortKey::LastUpdated]), any::<bool>())
        .prop_map(|(key, descending)| Sort { key, descending });
    let types = prop::collection::btree_set(select(&TYPES[..]), 0..3)
        .prop_map(|types| types.into_iter().collect());
    (
        proptest::option::weighted(0.6, select(&TYPES[..])),
        types,
        prop::collection::vec(clause(), 0..4),
        prop::collection::vec(sort, 0..3),
    )
        .prop_map(|(resource_type, types, clauses, sort)| Query {
            types: if resource_type.is_some() { Vec::new() } else { types },
            clauses,
            sort,
            count: 10,
            ..Query::on(resource_type)
        })
}

struct Numbered;

impl Names for Numbered {
    fn organization(&self, id: &str) -> Option<OrgOrd> {
        id.parse().ok().map(OrgOrd)
    }
    fn patient(&self, id: &str) -> Option<PatientOrd> {
        id.parse().ok().map(PatientOrd)
    }
    fn actor(&self, _: &str) -> Option<ActorOrd> {
        Some(ActorOrd(1))
    }
}

/// Scopes of every kind, over facts that stand still.
pub fn scopes() -> Vec<(&'static str, Scope)> {
    let mut policy = PolicyIndex::new();
    let (from, until, patient) = (LogTime(0), LogTime::NEVER, PatientOrd);
    let organization = OrgOrd(1);
    let cares = |p| Fact::OrganizationCares { patient: patient(p), organization, from, until };
    let denies =
        Fact::ConsentDenies { patient: patient(2), organization: Some(organization), from, until };
    policy.apply(Row(0), organization, &[cares(0), cares(2), cares(3)]);
    policy.apply(Row(1), organization, &[denies]);
    policy.advance(LogTime(1));
    let id = |id: &str| ResourceId::new(id).unwrap();
    let permit = |role, principal, organization: Option<&str>, purpose| {
        let organization = organization.map(id);
        let token_id = String::new();
        let subject =
            Subject { principal, role, organization, purpose, token_id, test: false, grant: None };
        let interaction = Interaction::SearchType;
        let request = AccessRequest { interaction, resource_type: Some(ResourceType::OBSERVATION) };
        match decide(&subject, request, &policy, &Numbered, LogTime(1)) {
            Decision::Permit(scope) => scope,
            Decision::Deny { reasons } => panic!("{reasons:?}"),
        }
    };
    let practitioner = || Principal::Practitioner(id("1"));
    vec![
        ("system", Scope::system("test")),
        ("patient", permit(Role::Patient, Principal::Patient(id("0")), None, Purpose::Patrqt)),
        ("clinician", permit(Role::Clinician, practitioner(), Some("1"), Purpose::Treat)),
        (
            "feed",
            permit(Role::Integration, Principal::Device(id("1")), Some("2"), Purpose::Hoperat),
        ),
    ]
}
