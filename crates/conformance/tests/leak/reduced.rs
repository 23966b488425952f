//! The store with the hidden things deleted: the same log, but that a record of a hidden version
//! is an empty one, one of a version that may be known of holds its marker, and nothing states
//! facts any more but who is one person.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accord_access::Fact;
use accord_base::{Clock, LogTime, Row};
use accord_conformance::{Store, new_parts};
use accord_fhir::document::{encode_edits, stamp_edits};
use accord_fhir::json::{Limits, parse};
use accord_index::extract::extract;
use accord_index::{NewName, RowEffect};
use accord_spec::ResourceType;
use accord_store::disk::SimDisk;
use accord_store::log::Group;
use accord_store::{
    KeyOwner, KeyRing, Log, MemoryLog, Record, SealedBody, TxPlace, decode_record, encode_hole,
    encode_record, seal_body,
};
use serde_json::json;

/// Type, id and version number.
pub type Name = (String, String, u32);

/// A store that holds nothing but the named versions of another, and markers for those known of
/// with their patients, in the same rows, with the same instants, ids and version numbers.
pub fn reduced(
    full: &Store,
    visible: &BTreeSet<Name>,
    known: &BTreeMap<Name, Option<String>>,
    seed: u64,
) -> Store {
    let now = full.clock.now();
    let log: Arc<MemoryLog> = Arc::new(MemoryLog::new());
    let (parts, clock) = new_parts(log.clone(), SimDisk::new(seed), seed, now);
    let old_keys =
        KeyRing::open(full.parts.log.clone(), &full.parts.store_key, full.parts.rng.clone());
    let keys = KeyRing::open(log.clone(), &parts.store_key, parts.rng.clone()).unwrap();
    let mut copy = Copy {
        old_keys: old_keys.unwrap(),
        keys,
        visible,
        known,
        last: BTreeMap::new(),
        names: Vec::new(),
        unheard: Vec::new(),
        merges: BTreeMap::new(),
        last_seen: Row(0),
        group: Group {
            epoch: log.claim().unwrap(),
            first: Row(0),
            records: Vec::new(),
            keys: Vec::new(),
            marks: Vec::new(),
        },
        full,
    };
    let records = full.parts.log.scan(Row(0), usize::MAX).unwrap();
    for (_, bytes) in &records {
        copy.look(&decode_record(bytes).unwrap());
    }
    for (_, bytes) in records {
        copy.record(&decode_record(&bytes).unwrap());
    }
    log.append(&copy.group).unwrap();
    // Another size of chunks, so that other paths give the same answers.
    let store = Store::open(parts, clock, 4096).unwrap();
    assert!(store.engine.wait_until_indexed());
    store
}

struct Copy<'a> {
    full: &'a Store,
    old_keys: KeyRing,
    keys: KeyRing,
    visible: &'a BTreeSet<Name>,
    known: &'a BTreeMap<Name, Option<String>>,
    /// The last row kept of each resource.
    last: BTreeMap<(u8, String), Row>,
    /// Names that hidden rows introduced and none kept since did.
    names: Vec<NewName>,
    /// Names that rows introduced of which none is followed by one that is kept: merges speak of
    /// them.
    unheard: Vec<NewName>,
    /// Merges that hold, by the Patient that states them. They decide what a search by reference
    /// finds, whether or not that Patient is seen.
    merges: BTreeMap<String, Vec<Fact>>,
    /// The last row that is kept: it states them.
    last_seen: Row,
    group: Group,
}

/// What stands for a version, read from `docs/access.md`.
fn marker(kind: &str, patient: Option<&str>) -> String {
    let labels = json!([
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "code": "REDACTED", "display": "redacted"},
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
            "code": "BTG", "display": "break the glass"}]);
    let whose = match kind {
        "Appointment" | "Group" | "Patient" => None,
        "AllergyIntolerance"
        | "Claim"
        | "ClaimResponse"
        | "Consent"
        | "EpisodeOfCare"
        | "ExplanationOfBenefit"
        | "Immunization"
        | "RelatedPerson" => Some("patient"),
        "Coverage" => Some("beneficiary"),
        "Task" => Some("for"),
        _ => Some("subject"),
    };
    let mut marker = json!({"resourceType": kind, "meta": {"security": labels}});
    if let (Some(whose), Some(patient)) = (whose, patient) {
        marker[whose] = json!({"reference": format!("Patient/{patient}")});
    }
    marker.to_string()
}

const PLACE: TxPlace = TxPlace { index: 0, size: 1 };

impl Copy<'_> {
    fn look(&mut self, record: &Record<'_>) {
        let values = Arc::new(record.open_values(&self.old_keys).unwrap());
        let Some(effect) = record.effect(values).unwrap() else { return };
        let kind = ResourceType(effect.resource_type).name().to_owned();
        if kind == "Patient" {
            let merged = |fact: &&Fact| matches!(fact, Fact::Merged { .. });
            let merges = effect.facts.iter().filter(merged).cloned().collect();
            self.merges.insert(effect.id.to_string(), merges);
        }
        if self.visible.contains(&(kind, effect.id.to_string(), effect.version)) {
            self.last_seen = effect.row;
            self.unheard.clear();
        } else {
            self.unheard.extend(effect.names.iter().cloned());
        }
    }

    fn record(&mut self, record: &Record<'_>) {
        let (row, born) = (record.header().row, record.header().born);
        let values = Arc::new(record.open_values(&self.old_keys).unwrap());
        let Some(mut effect) = record.effect(values).unwrap() else { return self.hole(row, born) };
        self.names.append(&mut effect.names);
        let kind = ResourceType(effect.resource_type).name().to_owned();
        let name = (kind, effect.id.to_string(), effect.version);
        let marker = self.known.get(&name).map(|patient| marker(&name.0, patient.as_deref()));
        if marker.is_none() && !self.visible.contains(&name) {
            return self.hole(row, born);
        }
        effect.names = std::mem::take(&mut self.names);
        effect.facts.clear();
        if effect.row == self.last_seen {
            effect.facts.extend(self.merges.values().flatten().cloned());
            effect.names.append(&mut self.unheard);
        }
        effect.prior = self.last.insert((effect.resource_type, effect.id.to_string()), row);
        let body = match marker {
            Some(marker) if record.has_doc() => Some(self.marker(&marker, &mut effect)),
            _ => self.body(record, &effect),
        };
        self.group.records.push(encode_record(&effect, body.as_ref(), PLACE, None).unwrap());
    }

    fn body(&mut self, record: &Record<'_>, effect: &RowEffect) -> Option<SealedBody> {
        if !record.has_doc() {
            return None;
        }
        let doc = record.open_doc(&self.old_keys).unwrap();
        Some(self.sealed(&doc.bytes, &doc.edits, effect))
    }

    /// A marker as if it had been sent.
    fn marker(&mut self, marker: &str, effect: &mut RowEffect) -> SealedBody {
        let tape = parse(marker.as_bytes(), Limits::default()).unwrap();
        let resource_type = ResourceType(effect.resource_type);
        effect.values = Arc::new(extract(tape.root(), resource_type, &|_| None));
        effect.policy.clinical_day = i32::MIN;
        let edits = encode_edits(&stamp_edits(tape.root()));
        self.sealed(marker.as_bytes(), &edits, effect)
    }

    fn sealed(&mut self, text: &[u8], edits: &[u8], effect: &RowEffect) -> SealedBody {
        let key = self.keys.key_of(&KeyOwner::Controller("all".to_owned())).unwrap();
        let rng = &*self.full.parts.rng;
        let body = seal_body(&key, text, edits, &effect.values, rng).unwrap();
        if self.group.keys.is_empty() {
            self.group.keys.extend(self.keys.pending_for([body.key()]));
        }
        body
    }

    fn hole(&mut self, row: Row, born: LogTime) {
        self.group.records.push(encode_hole(row, born, PLACE, None).unwrap());
    }
}
