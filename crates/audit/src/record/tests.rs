//! The record's binary form: what goes in comes out, and nothing else comes in.

use std::borrow::Cow;
use std::sync::Arc;

use accord_base::{Grant, LogTime, Principal, Purpose, ResourceId, Role, Scopes, Subject};
use proptest::prelude::*;

use super::{AccessRecord, Decision, MAX_PATIENTS, MAX_QUERY_BYTES, PAD_BYTES, Skimmed, Target};
use crate::AuditError;

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

/// A usual search by a clinician.
pub(crate) fn sample() -> AccessRecord {
    AccessRecord {
        at: LogTime(1_795_300_398_123_456),
        policy_as_of: LogTime(1_795_300_398_000_001),
        request_id: "4be7b7a9-1c0f-4d0e-9d3c-27a6ef2f3b11".into(),
        part: 0,
        following: Some(0),
        who: Some(Arc::new(Subject {
            principal: Principal::Practitioner(id("9f5c1a34-52d1-4c5e-8d7f-a1c1b1c6c1aa")),
            role: Role::Clinician,
            organization: Some(id("0b8d2f3e-4f66-4f0b-9e53-2c4a3f0f1c22")),
            purpose: Purpose::Treat,
            token_id: "d7b2c9c4-7a3c-4a10-b7c8-9e1c1f0f1d33".into(),
            test: true,
            grant: None,
        })),
        interaction: "search-type".into(),
        target: Some(Target { resource_type: "Observation".into(), id: None, version: None }),
        query: b"code=http://loinc.org|8867-4&_count=20".to_vec(),
        patients: vec![id("6a1f7c62-90b1-4bf5-8c3e-5d5d5c5b5a44")],
        decision: Decision { permit: true, rules: vec!["care-org".into()] },
        status: 200,
    }
}

fn ids() -> impl Strategy<Value = ResourceId> {
    prop_oneof![
        any::<u128>().prop_map(|n| {
            let hex = format!("{n:032x}");
            let (a, b, c) = (&hex[..8], &hex[8..12], &hex[12..16]);
            id(&format!("{a}-{b}-{c}-{}-{}", &hex[16..20], &hex[20..]))
        }),
        "[A-Za-z0-9.-]{1,64}".prop_map(|text| id(&text)),
    ]
}

fn codes() -> impl Strategy<Value = Cow<'static, str>> {
    "[a-zA-Z$-]{0,64}".prop_map(Cow::Owned)
}

fn principals() -> impl Strategy<Value = Principal> {
    prop_oneof![
        ".{0,80}".prop_map(|reason| Principal::System { reason }),
        ids().prop_map(Principal::Patient),
        ids().prop_map(Principal::Practitioner),
        ids().prop_map(Principal::Device),
    ]
}

fn subjects() -> impl Strategy<Value = Subject> {
    let role = (0..Role::ALL.len()).prop_map(|at| Role::ALL[at].0);
    let purpose = (0..Purpose::ALL.len()).prop_map(|at| Purpose::ALL[at].0);
    let organization = proptest::option::of(ids());
    let rest = (".{0,32}", any::<bool>(), proptest::option::of(grants()));
    (principals(), role, organization, purpose, rest).prop_map(
        |(principal, role, organization, purpose, (token_id, test, grant))| Subject {
            principal,
            role,
            organization,
            purpose,
            token_id,
            test,
            grant: grant.map(Arc::new),
        },
    )
}

fn grants() -> impl Strategy<Value = Grant> {
    let scopes = "openid (user|patient)/([A-C]|\\*)\\.c?r?u?d?s( system/D.r\\?a=[b-d%]{0,3}x)?";
    (".{0,32}", ".{0,60}", scopes, proptest::option::of(ids())).prop_filter_map(
        "not scopes",
        |(id, client, scopes, patient)| {
            Some(Grant { id, client, scopes: Scopes::parse(&scopes).ok()?, patient })
        },
    )
}

fn targets() -> impl Strategy<Value = Target> {
    let version = proptest::option::of(any::<u32>());
    (codes(), proptest::option::of(ids()), version)
        .prop_map(|(resource_type, id, version)| Target { resource_type, id, version })
}

fn decisions() -> impl Strategy<Value = Decision> {
    (any::<bool>(), proptest::collection::vec(codes(), 0..=16))
        .prop_map(|(permit, rules)| Decision { permit, rules })
}

pub(crate) fn records() -> impl Strategy<Value = AccessRecord> {
    let numbers = (any::<u64>(), any::<u64>(), any::<u32>(), any::<Option<u32>>(), any::<u16>());
    let texts = (".{0,32}", codes(), proptest::collection::vec(any::<u8>(), 0..600));
    let rest = (
        proptest::option::of(subjects()),
        proptest::option::of(targets()),
        proptest::collection::vec(ids(), 0..20),
        decisions(),
    );
    (numbers, texts, rest).prop_map(|(numbers, texts, rest)| AccessRecord {
        at: LogTime(numbers.0),
        policy_as_of: LogTime(numbers.1),
        request_id: texts.0,
        part: numbers.2,
        following: numbers.3,
        who: rest.0.map(Arc::new),
        interaction: texts.1,
        target: rest.1,
        query: texts.2,
        patients: rest.2,
        decision: rest.3,
        status: numbers.4,
    })
}

proptest! {
    #[test]
    fn records_round_trip_padded(record in records()) {
        let bytes = record.encode().unwrap();
        prop_assert!(bytes.len().is_multiple_of(PAD_BYTES));
        let Skimmed { at, patients } = Skimmed::read(&bytes).unwrap();
        prop_assert_eq!((at, patients), (record.at, record.patients.clone()));
        prop_assert_eq!(AccessRecord::decode(&bytes), Ok(record));
    }

    #[test]
    fn what_decodes_is_what_would_be_encoded(
        record in records(),
        at in any::<prop::sample::Index>(),
        bits in 1..=255u8,
    ) {
        let mut bytes = record.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        if let Ok(other) = AccessRecord::decode(&bytes) {
            prop_assert!(other != record);
            prop_assert_eq!(other.encode(), Ok(bytes));
        }
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(record) = AccessRecord::decode(&bytes) {
            prop_assert_eq!(record.encode(), Ok(bytes));
        }
    }
}

#[test]
fn a_usual_record_takes_one_unit_of_padding() {
    assert_eq!(sample().encode().unwrap().len(), PAD_BYTES);
}

#[test]
fn the_format_of_version_1_stands() {
    let record = AccessRecord {
        at: LogTime(1),
        policy_as_of: LogTime(2),
        request_id: "r".into(),
        part: 3,
        following: None,
        who: Some(Arc::new(Subject::system("why"))),
        interaction: "read".into(),
        target: Some(Target {
            resource_type: "Patient".into(),
            id: Some(id("p")),
            version: Some(300),
        }),
        query: b"q".to_vec(),
        patients: vec![id("00010203-0405-0607-0809-0a0b0c0d0e0f")],
        decision: Decision { permit: true, rules: vec!["x".into()] },
        status: 404,
    };
    let mut expect = vec![1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
    expect.extend_from_slice(&[0b1110_0111, 0, 0x94, 1, 3, 0]);
    expect.extend_from_slice(b"\x02r\x05read\x01\x05\x01\x04why\x01\x08Patient\x02p\xac\x02");
    expect.extend_from_slice(b"\x01q\x01\x02x\x01\x00");
    expect.extend(0..16);
    expect.resize(256, 0);
    assert_eq!(record.encode().unwrap(), expect);
    assert_eq!(AccessRecord::decode(&expect), Ok(record));
}

#[test]
fn fields_beyond_their_bounds_are_refused() {
    let check = |change: &dyn Fn(&mut AccessRecord), field: &str| {
        let mut record = sample();
        change(&mut record);
        let mut to = vec![9];
        match record.encode_into(&mut to) {
            Err(AuditError::TooLong { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
        assert_eq!(to, [9]);
    };
    check(&|r| r.request_id = "x".repeat(129), "request id");
    check(&|r| r.interaction = "x".repeat(65).into(), "interaction");
    check(&|r| r.query = vec![0; MAX_QUERY_BYTES + 1], "query");
    check(&|r| r.patients = vec![id("p"); MAX_PATIENTS + 1], "patient list");
    check(&|r| r.decision.rules = vec!["x".into(); 17], "rule list");
    check(&|r| r.decision.rules = vec!["x".repeat(65).into()], "rule code");
    check(&|r| Arc::make_mut(r.who.as_mut().unwrap()).token_id = "x".repeat(129), "token id");
    check(&|r| r.who = Some(Arc::new(Subject::system(&"x".repeat(1025)))), "reason");
    check(&|r| r.target.as_mut().unwrap().resource_type = "x".repeat(65).into(), "resource type");
}

#[test]
fn the_largest_record_round_trips() {
    let mut record = sample();
    record.query = vec![b'%'; MAX_QUERY_BYTES];
    record.patients = vec![id(&"p".repeat(64)); MAX_PATIENTS];
    record.decision.rules = vec!["x".repeat(64).into(); 16];
    let bytes = record.encode().unwrap();
    assert_eq!(AccessRecord::decode(&bytes), Ok(record));
}

#[test]
fn many_patients_are_spread_over_parts() {
    let all: Vec<_> = (0..600).map(|n| id(&format!("p{n}"))).collect();
    for (count, parts) in [(0, 1), (1, 1), (256, 1), (257, 2), (512, 2), (600, 3)] {
        let records = sample().split(&all[..count]);
        assert_eq!(records.len(), parts, "{count}");
        let named: Vec<_> = records.iter().flat_map(|r| r.patients.clone()).collect();
        assert_eq!(named, all[..count]);
        for (at, record) in records.iter().enumerate() {
            assert_eq!(
                (record.part as usize, record.following),
                (at, Some((parts - at - 1) as u32))
            );
            assert_eq!(record.query.is_empty(), at > 0);
            assert!(record.encode().is_ok());
        }
    }
}

#[test]
fn an_unknown_version_is_named() {
    let mut bytes = sample().encode().unwrap();
    bytes[0] = 2;
    assert_eq!(AccessRecord::decode(&bytes), Err(AuditError::RecordVersion(2)));
}
