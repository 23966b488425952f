//! Arbitrary effects, with the extremes of every field.

use std::sync::Arc;

use accord_access::consent::{ConsentRule, Provision};
use accord_access::{Fact, RowPolicy};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Row};
use accord_index::{Change, Datum, NewName, RowChange, RowEffect, Value, Values};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const DAY_US: i64 = 86_400_000_000;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        Just("f47ac10b-58cc-4372-a567-0e02b2c3d479".to_owned()),
        Just("http://loinc.org".to_owned()),
    ]
}

fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        Just(i64::MIN),
        Just(i64::MAX),
        (-40_000..40_000i64).prop_map(|day| day * DAY_US),
        (-1_000_000..1_000_000i64).prop_map(|second| second * 1_000_000),
    ]
}

fn key() -> impl Strategy<Value = u128> {
    prop_oneof![
        any::<u128>(),
        Just(0),
        Just(u128::MAX),
        any::<u16>().prop_map(|n| u128::from(n) << 112)
    ]
}

fn quantity() -> impl Strategy<Value = Datum> {
    (
        key(),
        option::of(key()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        any::<bool>(),
    )
        .prop_map(|(low, high, system, code, unit, same)| Datum::Quantity {
            low,
            high: high.unwrap_or(low),
            system,
            unit: if same { code.clone() } else { unit },
            code,
        })
}

pub fn values() -> impl Strategy<Value = Values> {
    let datum = prop_oneof![
        (option::of(text()), text()).prop_map(|(system, code)| Datum::Token { system, code }),
        (any::<u8>(), text())
            .prop_map(|(resource_type, id)| Datum::Reference { resource_type, id }),
        text().prop_map(Datum::Url),
        text().prop_map(Datum::Text),
        text().prop_map(Datum::Uri),
        (instant(), instant()).prop_map(|(low, high)| Datum::Date { low, high }),
        key().prop_map(|key| Datum::Number { key }),
        quantity(),
        text().prop_map(Datum::Label),
        (option::of(text()), text())
            .prop_map(|(system, value)| Datum::Identifier { system, value }),
        (text(), text(), text()).prop_map(|(system, code, value)| Datum::OfType {
            system,
            code,
            value
        }),
    ];
    let part = (any::<u32>(), any::<u8>(), datum.clone()).prop_map(|(item, component, datum)| {
        Datum::Part { item, component, datum: Box::new(datum) }
    });
    let value = (any::<u16>(), prop_oneof![4 => datum, 1 => part])
        .prop_map(|(param, datum)| Value { param, datum });
    vec(value, 0..20).prop_map(Values)
}

fn consent(patient: PatientOrd, number: u32, (from, until): (LogTime, LogTime)) -> Fact {
    let root = Provision { from, until, ..Provision::bare(number.is_multiple_of(2)) };
    Fact::Consent(Arc::new(ConsentRule {
        patient,
        id: number.to_string(),
        seal: None,
        held: number.is_multiple_of(3),
        custodians: vec![OrgOrd(number)],
        key: "policy urn:x".to_owned(),
        supersedes: number.is_multiple_of(5).then(|| "other".to_owned()),
        given: from,
        provisions: vec![root.clone(), Provision { permits: true, ..root }],
    }))
}

fn fact() -> impl Strategy<Value = Fact> {
    let time = || prop_oneof![any::<u64>(), Just(u64::MAX)].prop_map(LogTime);
    (0..11u8, any::<u32>(), option::of(any::<u32>()), time(), time()).prop_map(
        |(kind, patient, other, from, until)| {
            let patient = PatientOrd(patient);
            let number = other.unwrap_or(0);
            match kind {
                0 => Fact::OrganizationCares { patient, organization: OrgOrd(number), from, until },
                1 => Fact::ActorCares { patient, actor: ActorOrd(number), from, until },
                2 => Fact::ConsentDenies { patient, organization: other.map(OrgOrd), from, until },
                3 => Fact::Referred { patient, organization: OrgOrd(number), from, until },
                4 => Fact::Covers { patient, organization: OrgOrd(number), from, until },
                6 => Fact::Sealed { patient, locked: other.is_some(), from, until },
                7 => Fact::Unsealed { patient, actor: ActorOrd(number), from, until },
                5 => Fact::Emergency { patient, actor: ActorOrd(number), from, until },
                9 => Fact::Merged { patient, into: PatientOrd(number), from, until },
                8 => consent(patient, number, (from, until)),
                _ => {
                    let (organization, actor) = (OrgOrd(patient.0), ActorOrd(number));
                    Fact::ActsFor { organization, actor, held: other.is_some(), from, until }
                }
            }
        },
    )
}

pub fn change() -> impl Strategy<Value = RowChange> {
    let change = prop_oneof![
        any::<u64>().prop_map(Change::Labels),
        any::<u32>().prop_map(|o| Change::Controller(OrgOrd(o))),
        vec(any::<u32>().prop_map(PatientOrd), 0..4).prop_map(Change::Patients),
    ];
    (any::<u32>(), change).prop_map(|(row, change)| RowChange { row: Row(row), change })
}

fn name() -> impl Strategy<Value = NewName> {
    (1..4u8, any::<u32>(), text()).prop_map(|(space, ordinal, name)| NewName {
        space: NameSpace::from_u8(space).unwrap(),
        ordinal,
        name,
    })
}

fn policy() -> impl Strategy<Value = RowPolicy> {
    let ordinals = || vec(any::<u32>(), 0..4);
    (any::<u32>(), any::<u32>(), ordinals(), any::<u64>(), any::<i32>(), ordinals()).prop_map(
        |(controller, source, patients, labels, clinical_day, authors)| RowPolicy {
            controller: OrgOrd(controller),
            source: OrgOrd(source),
            patients: patients.into_iter().map(PatientOrd).collect(),
            labels,
            clinical_day,
            authors: authors.into_iter().map(ActorOrd).collect(),
        },
    )
}

pub fn effect() -> impl Strategy<Value = RowEffect> {
    let version = (any::<u32>(), any::<[bool; 2]>(), option::of(any::<u32>()));
    let place = (any::<u32>(), any::<u64>(), any::<u8>(), "[A-Za-z0-9.-]{1,64}");
    let lists = (vec(name(), 0..3), vec(fact(), 0..3), vec(change(), 0..3));
    (place, version, policy(), lists, values()).prop_map(
        |(
            (row, born, resource_type, id),
            (version, [deleted, put], prior),
            policy,
            lists,
            values,
        )| {
            RowEffect {
                row: Row(row),
                born: LogTime(born),
                resource_type,
                id: ResourceId::new(&id).unwrap(),
                version,
                deleted,
                put,
                prior: prior.map(Row),
                policy,
                names: lists.0,
                facts: lists.1,
                values: Arc::new(values),
                changes: lists.2,
            }
        },
    )
}
