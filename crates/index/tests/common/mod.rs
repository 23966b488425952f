//! A small store whose contents are easy to foresee.

#![allow(dead_code, reason = "each test uses some of it")]

use std::sync::Arc;

use accord_access::{Fact, RowPolicy, Scope};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Row};
use accord_index::{
    BlockCache, Change, Datum, Index, NewName, Paging, Prepared, RowChange, RowEffect, RowRef,
    Segment, Value, Values, View, Writer,
};
use accord_query::{Clause, Query, Target, Test, Token, TokenSystem};
use accord_spec::{ParamId, ResourceType, param};

/// The number of a parameter of Observation.
pub fn param_of(code: &str) -> u16 {
    param(ResourceType::OBSERVATION, code).unwrap().id.0
}

/// A token value.
pub fn token(param: &str, system: Option<&str>, code: &str) -> Value {
    let datum = Datum::Token { system: system.map(str::to_owned), code: code.to_owned() };
    Value { param: param_of(param), datum }
}

/// A first version of an Observation about patient 0.
pub fn observation(row: u32, id: &str, values: Vec<Value>) -> RowEffect {
    RowEffect {
        row: Row(row),
        born: LogTime(1_000_000 + u64::from(row)),
        resource_type: ResourceType::OBSERVATION.0,
        id: ResourceId::new(id).unwrap(),
        version: 1,
        deleted: false,
        put: false,
        prior: None,
        policy: RowPolicy {
            controller: OrgOrd(1),
            source: OrgOrd(1),
            patients: [PatientOrd(0)].into_iter().collect(),
            labels: 0,
            clinical_day: 20_000,
            authors: [ActorOrd(0)].into_iter().collect(),
        },
        names: Vec::new(),
        facts: Vec::new(),
        values: Arc::new(Values(values)),
        changes: Vec::new(),
    }
}

/// A chunk of 64 Observations with something of everything a segment holds.
pub fn rich_chunk() -> Vec<RowEffect> {
    (0..64u32)
        .map(|row| {
            let n = row as u64;
            let date = i64::from(row) * 1000;
            let text = format!("Name {} Åsa", row % 9);
            let quantity = Datum::Quantity {
                low: u128::from(n) << 90,
                high: u128::from(n + 3) << 90,
                system: Some("http://unitsofmeasure.org".into()),
                code: Some(["mg", "kg"][row as usize % 2].into()),
                unit: None,
            };
            let value = |code: &str, datum| Value { param: param_of(code), datum };
            let mut values = vec![
                token("code", Some("http://loinc.org"), ["1234-5", "777-3"][row as usize % 2]),
                token("status", None, "final"),
                value("value-string", Datum::Text(text)),
                value("value-quantity", quantity),
            ];
            for k in 0..6 {
                let id = format!("d67a0cff-8f7e-46f7-bb99-{:012x}", row * 6 + k);
                values.push(token("identifier", Some("urn:system:of:identifiers"), &id));
                let (low, high) = (date + i64::from(k) * 50, date + 1 + i64::from(k) * 60);
                values.push(value("date", Datum::Date { low, high }));
            }
            let mut effect = observation(row, &format!("obs-{row}"), values);
            if row % 5 == 0 {
                effect.policy.patients = [PatientOrd(0), PatientOrd(7)].into_iter().collect();
            }
            effect
        })
        .collect()
}

/// Adds a name, a fact and a change to a row.
pub fn stating(mut effect: RowEffect) -> RowEffect {
    let name = "Practitioner/1".to_owned();
    effect.names = vec![NewName { space: NameSpace::Actor, ordinal: 0, name }];
    let (from, until) = (LogTime(5), LogTime::NEVER);
    let (patient, organization) = (PatientOrd(0), OrgOrd(1));
    effect.facts = vec![
        Fact::OrganizationCares { patient, organization, from, until },
        Fact::ActorCares { patient, actor: ActorOrd(0), from, until: LogTime(900) },
        Fact::ConsentDenies { patient, organization: None, from, until },
    ];
    effect.changes = vec![
        RowChange { row: Row(0), change: Change::Labels(9) },
        RowChange { row: Row(1), change: Change::Patients(vec![PatientOrd(3), PatientOrd(4)]) },
        RowChange { row: Row(2), change: Change::Controller(OrgOrd(2)) },
    ];
    effect
}

/// An index with these effects published.
pub fn index_of(effects: &[RowEffect], chunk_rows: u32) -> (Index, Writer) {
    let (index, mut writer) = Index::open(Vec::new(), chunk_rows).unwrap();
    for effect in effects {
        let prepared = Prepared::new(effect.resource_type, &effect.values);
        writer.apply(effect, &prepared).unwrap();
    }
    if let Some(last) = effects.last() {
        writer.publish(last.row.next(), last.born);
    }
    (index, writer)
}

/// The oldest full chunk as a segment file.
pub fn segment_file(index: &Index) -> Vec<u8> {
    let mut file = Vec::new();
    index.frozen().unwrap().write_segment(&mut file).unwrap();
    file
}

/// Opens the bytes of a segment file.
pub fn open(file: Vec<u8>, cache: &BlockCache) -> Result<Segment, accord_index::IndexError> {
    Segment::open(Arc::new(file), cache)
}

/// A search of Observations with one clause.
pub fn query(code: &str, test: Test) -> Query {
    let clauses = vec![Clause { target: Target::Param(ParamId(param_of(code))), test }];
    Query { clauses, count: 100, ..Query::on(Some(ResourceType::OBSERVATION)) }
}

/// A test for a token code.
pub fn code(code: &str) -> Test {
    let token = Token { system: TokenSystem::Any, code: Some(code.to_owned()) };
    Test::Token { negated: false, any_of: vec![token] }
}

/// The rows that match, and the total.
pub fn rows(view: &View, query: &Query) -> Result<(Vec<u32>, u64), accord_index::IndexError> {
    let page = view.search(query, &Paging { after: None, count: 1000, total: true })?;
    let rows = page.rows.iter().map(RowRef::row).map(|row| row.0).collect();
    Ok((rows, page.total.unwrap_or_default()))
}

/// A view of everything.
pub fn all(index: &Index) -> View {
    View::new(index.snapshot(), Scope::system("test"))
}
