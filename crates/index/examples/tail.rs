//! What the index costs, on made-up resources with 25 values: nanoseconds per row and look-up,
//! bytes per row. `cargo run --release -p accord-index --example tail [CHUNKS]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program for developers"
)]

use std::sync::Arc;
use std::time::Instant;

use accord_access::{
    AccessRequest, Decision, Fact, Interaction, Names, PolicyIndex, RowPolicy, Scope, decide,
};
use accord_base::{
    ActorOrd, LogTime, OrgOrd, PatientOrd, Principal, Purpose, ResourceId, Role, Row, SeededRng,
    Subject,
};
use accord_index::{
    BlockCache, Datum, Index, Paging, Prepared, RowEffect, Segment, Value, Values, View,
};
use accord_query::{
    Clause, DateValue, Prefix, Query, ReferenceValue, Target, Test, Token, TokenSystem,
};
use accord_spec::{ParamId, ResourceType, param};

const CHUNK_ROWS: u32 = 65_536;
const RUNS: u64 = 2000;

fn id(n: u64) -> String {
    let wide = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let hex = format!("{wide:032x}");
    let cut = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    cut.join("-")
}

fn code(param: &str) -> u16 {
    accord_spec::param(ResourceType::OBSERVATION, param).unwrap().id.0
}

/// An Observation of one of a thousand patients per chunk, with 25 values.
fn effect(row: u32, rng: &SeededRng) -> RowEffect {
    let patient = u64::from(row / 64);
    let system = |s: &str| Some(s.to_owned());
    let token = |system: Option<String>, code: String| Datum::Token { system, code };
    let day = 86_400_000_000i64;
    let low = (rng.below(4000) + 14_000) as i64 * day;
    let mut values = Vec::new();
    let mut add = |param: &str, datum| values.push(Value { param: code(param), datum });
    for n in 0..2 {
        add("identifier", token(system("urn:oid:2.16.840.1.113883.3"), id(u64::from(row) * 2 + n)));
    }
    add("status", token(system("http://hl7.org/fhir/observation-status"), "final".to_owned()));
    for (param, codes) in [("category", 8), ("code", 300), ("combo-code", 300), ("method", 20)] {
        let code = format!("{}-{}", rng.below(codes) * 7919, rng.below(3));
        add(param, token(system("http://loinc.org"), code.clone()));
        add(param, token(system("http://snomed.info/sct"), code));
    }
    for param in ["subject", "patient"] {
        let (resource_type, id) = (ResourceType::PATIENT.0, id(patient));
        add(param, Datum::Reference { resource_type, id });
    }
    let encounter = ResourceType::ENCOUNTER.0;
    add(
        "encounter",
        Datum::Reference { resource_type: encounter, id: id(u64::from(row / 8) + (1 << 40)) },
    );
    for param in ["performer", "device", "specimen"] {
        let (resource_type, id) = (ResourceType::PRACTITIONER.0, id(rng.below(500) + (1 << 50)));
        add(param, Datum::Reference { resource_type, id });
    }
    for param in ["date", "value-date"] {
        add(param, Datum::Date { low, high: low + day });
    }
    let number = accord_fhir::Decimal::parse(&format!("{}.{}", rng.below(200), rng.below(10)));
    let number = number.unwrap().order_key();
    add(
        "value-quantity",
        Datum::Quantity {
            low: number,
            high: number,
            system: system("http://unitsofmeasure.org"),
            code: system("mg/dL"),
            unit: system("mg/dL"),
        },
    );
    add("value-string", Datum::Text(format!("Text {}", rng.below(2000))));
    for n in 0..3 {
        let uri = format!("http://hl7.org/fhir/StructureDefinition/profile-{n}");
        add("_profile", Datum::Uri(uri));
    }
    let patients = [PatientOrd(patient as u32)].into_iter().collect();
    RowEffect {
        row: Row(row),
        born: LogTime(1_000_000 + u64::from(row)),
        resource_type: ResourceType::OBSERVATION.0,
        id: ResourceId::new(&id(u64::from(row) + (1 << 60))).unwrap(),
        version: 1,
        deleted: false,
        put: false,
        prior: None,
        policy: RowPolicy {
            controller: OrgOrd(1),
            source: OrgOrd(1),
            patients,
            labels: 0,
            clinical_day: 1,
            authors: [ActorOrd(1)].into_iter().collect(),
        },
        names: Vec::new(),
        facts: Vec::new(),
        values: Arc::new(Values(values)),
        changes: Vec::new(),
    }
}

fn query(clauses: Vec<(&str, Test)>) -> Query {
    let clause = |(name, test): (&str, Test)| {
        let param = param(ResourceType::OBSERVATION, name).unwrap().id.0;
        Clause { target: Target::Param(ParamId(param)), test }
    };
    Query {
        clauses: clauses.into_iter().map(clause).collect(),
        count: 50,
        ..Query::on(Some(ResourceType::OBSERVATION))
    }
}

fn is_code(code: String) -> Test {
    let token = Token { system: TokenSystem::Any, code: Some(code) };
    Test::Token { negated: false, any_of: vec![token] }
}

fn time(what: &str, runs: u64, mut run: impl FnMut(u64)) {
    (0..runs / 10).for_each(&mut run);
    let start = Instant::now();
    (0..runs).for_each(&mut run);
    let ns = start.elapsed().as_nanos() as u64 / runs.max(1);
    println!("{what:<44} {ns:>10} ns");
}

struct Nobody;

impl Names for Nobody {
    fn organization(&self, _: &str) -> Option<OrgOrd> {
        Some(OrgOrd(1))
    }
    fn patient(&self, _: &str) -> Option<PatientOrd> {
        None
    }
    fn actor(&self, _: &str) -> Option<ActorOrd> {
        Some(ActorOrd(5))
    }
}

/// A clinician of an organisation that cares for every second patient.
fn clinician(patients: u32) -> Scope {
    let mut policy = PolicyIndex::new();
    let cares = |patient| Fact::OrganizationCares {
        patient: PatientOrd(patient),
        organization: OrgOrd(1),
        from: LogTime(0),
        until: LogTime::NEVER,
    };
    let facts: Vec<Fact> = (0..patients).step_by(2).map(cares).collect();
    policy.apply(Row(0), OrgOrd(1), &facts);
    policy.advance(LogTime(1));
    let subject = Subject {
        principal: Principal::Practitioner(ResourceId::new("p").unwrap()),
        role: Role::Clinician,
        organization: Some(ResourceId::new("o").unwrap()),
        purpose: Purpose::Treat,
        token_id: String::new(),
        test: false,
        grant: None,
    };
    let resource_type = Some(ResourceType::OBSERVATION);
    let request = AccessRequest { interaction: Interaction::SearchType, resource_type };
    match decide(&subject, request, &policy, &Nobody, LogTime(1)) {
        Decision::Permit(scope) => scope,
        Decision::Deny { .. } => Scope::system("denied"),
    }
}

fn searches(index: &Index, rows: u64) {
    let clinician = clinician(rows as u32 / 64);
    let rng = SeededRng::new(5);
    let view = || View::new(index.snapshot(), Scope::system("cost"));
    let page = |query: &Query, count, total| {
        let paging = Paging { after: None, count, total };
        view().search(query, &paging).unwrap().rows.len()
    };
    time("snapshot and view", RUNS, |_| {
        std::hint::black_box(view());
    });
    time("read by id", RUNS * 10, |_| {
        let id = id(rng.below(rows) + (1 << 60));
        std::hint::black_box(view().read(ResourceType::OBSERVATION, &id));
    });
    time("(making the id)", RUNS * 10, |_| {
        std::hint::black_box(id(rng.below(rows) + (1 << 60)));
    });
    time("identifier", RUNS, |_| {
        let query = query(vec![("identifier", is_code(id(rng.below(rows * 2))))]);
        assert_eq!(page(&query, 50, true), 1);
    });
    let of_patient = |n: u64| {
        let resource_type = ResourceType::PATIENT;
        ("patient", Test::Reference(vec![ReferenceValue::Resource { resource_type, id: id(n) }]))
    };
    time("patient and code", RUNS, |_| {
        let query =
            query(vec![of_patient(rng.below(rows / 64)), ("status", is_code("final".into()))]);
        assert_eq!(page(&query, 50, true), 50);
    });
    let since = DateValue {
        prefix: Prefix::Ge,
        low: 16_000 * 86_400_000_000,
        high: 16_001 * 86_400_000_000,
        text: String::new(),
    };
    time("patient and date ge", RUNS, |_| {
        let date = Test::Date(vec![since.clone()]);
        let query = query(vec![of_patient(rng.below(rows / 64)), ("date", date)]);
        assert!(page(&query, 50, true) > 5);
    });
    let two = query(vec![
        ("category", is_code(format!("{}-1", 3 * 7919))),
        ("status", is_code("final".into())),
    ]);
    time("two tokens, page of 50, no total", RUNS, |_| assert_eq!(page(&two, 50, false), 50));
    time("the same as a clinician", RUNS, |_| {
        let view = View::new(index.snapshot(), clinician.clone());
        let paging = Paging { after: None, count: 50, total: false };
        assert_eq!(view.search(&two, &paging).unwrap().rows.len(), 50);
    });
    time("the same as a clinician, total", RUNS / 20, |_| {
        let view = View::new(index.snapshot(), clinician.clone());
        let paging = Paging { after: None, count: 50, total: true };
        assert_eq!(view.search(&two, &paging).unwrap().rows.len(), 50);
    });
    time("all of the type as a clinician, total", 20, |_| {
        let view = View::new(index.snapshot(), clinician.clone());
        let paging = Paging { after: None, count: 50, total: true };
        assert_eq!(view.search(&query(Vec::new()), &paging).unwrap().rows.len(), 50);
    });
    time("two tokens, page of 50, total", RUNS / 4, |_| assert_eq!(page(&two, 50, true), 50));
    let dates = query(vec![("date", Test::Date(vec![since.clone()]))]);
    time("date ge, total", RUNS / 20, |_| assert_eq!(page(&dates, 50, true), 50));
    time("all of the type, total", RUNS / 20, |_| {
        assert_eq!(page(&query(Vec::new()), 50, true), 50);
    });
}

fn main() {
    let chunks: u32 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1);
    let rng = SeededRng::new(3);
    let (index, mut writer) = Index::open(Vec::new(), CHUNK_ROWS).unwrap();
    let cache = BlockCache::new(256 << 20);
    let (mut prepare_ns, mut apply_ns, mut publish_ns, mut seal_ms) = (0, 0, 0, 0);
    let (mut slowest, mut file_bytes, mut files) = (0u128, 0u64, Vec::new());
    for chunk in 0..chunks {
        for row in chunk * CHUNK_ROWS..(chunk + 1) * CHUNK_ROWS {
            let effect = effect(row, &rng);
            let start = Instant::now();
            let prepared = Prepared::new(effect.resource_type, &effect.values);
            prepare_ns += start.elapsed().as_nanos();
            let start = Instant::now();
            writer.apply(&effect, &prepared).unwrap();
            let took = start.elapsed().as_nanos();
            apply_ns += took;
            slowest = slowest.max(took);
            let start = Instant::now();
            writer.publish(Row(row + 1), effect.born);
            publish_ns += start.elapsed().as_nanos();
        }
        if chunk == 0 {
            let tail = index.frozen().unwrap().memory();
            println!("memory of a full chunk {} KiB", tail >> 10);
            println!("\nall rows in the tail");
            searches(&index, u64::from(CHUNK_ROWS));
        }
        let start = Instant::now();
        let mut file = Vec::new();
        index.frozen().unwrap().write_segment(&mut file).unwrap();
        file_bytes += file.len() as u64;
        index.install(Segment::open(Arc::new(file.clone()), &cache).unwrap()).unwrap();
        files.push(file);
        seal_ms += start.elapsed().as_millis();
    }
    let rows = u128::from(chunks) * u128::from(CHUNK_ROWS);
    let start = Instant::now();
    let segments = files.into_iter().map(|file| Segment::open(Arc::new(file), &cache).unwrap());
    let (index, _) = Index::open(segments.collect(), CHUNK_ROWS).unwrap();
    println!("\nopening {rows} rows: {} ms", start.elapsed().as_millis());
    println!("\n{rows} rows, all sealed, {chunks} segments");
    searches(&index, rows as u64);
    println!(
        "\nper row: prepare {} ns, apply {} ns (slowest {} us), publish {} ns",
        prepare_ns / rows,
        apply_ns / rows,
        slowest / 1000,
        publish_ns / rows
    );
    println!(
        "sealing {} ms a chunk, file {} bytes a row",
        seal_ms / u128::from(chunks),
        file_bytes / rows as u64
    );
    for (name, figure) in index.stats() {
        println!("{name:<36} {figure:>12} {:>8.1} a row", figure as f64 / rows as f64);
    }
}
