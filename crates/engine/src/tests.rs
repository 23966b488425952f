//! What leaves the engine leaves a record, and what a transaction rests on holds.

use std::sync::Arc;

use accord_audit::AccessRecord;
use accord_base::{
    Deadline, LogTime, ManualClock, Principal, Purpose, ResourceId, Rng, Role, Row, SeededRng,
    Subject,
};
use accord_spec::ResourceType;
use accord_store::disk::SimDisk;
use accord_store::{MemoryLog, StoreKey, decode_record};

use crate::{
    Answer, AnswerLimits, BundleOptions, Category, Engine, Interaction, NewStore, Options, Outcome,
    Parts, Request,
};

mod claims;
mod consents;
mod contained;
mod content;
mod everything;
mod explain;
mod facts;
mod histories;
mod integrity;
mod labels;
mod limits;
mod live;
mod matches;
mod matching;
mod merged;
mod merges;
mod metas;
mod moves;
mod obligations;
mod own;
mod patches;
mod plans;
mod preview;
mod receipts;
mod statute;
mod terms;
mod time;
mod trace;
mod transactions;
mod transfers;
mod validate;
mod who;
mod words;

const NOW: LogTime = LogTime(1_795_300_398_000_000);

struct Store {
    engine: Arc<Engine>,
    key: StoreKey,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.engine.close();
    }
}

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn system() -> Arc<Subject> {
    Arc::new(Subject::system("test"))
}

fn subject(principal: Principal, role: Role) -> Arc<Subject> {
    Arc::new(Subject {
        principal,
        role,
        organization: Some(id("new-hospital")),
        purpose: Purpose::Treat,
        token_id: "t".to_owned(),
        test: true,
        grant: None,
    })
}

fn request(subject: Arc<Subject>, interaction: Interaction) -> Request {
    Request {
        subject,
        interaction,
        request_id: "t".to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    }
}

fn bundle(body: &str) -> Interaction {
    Interaction::Bundle { body: Arc::from(body.as_bytes()), options: BundleOptions::default() }
}

fn create(body: &str, if_none_exist: &str) -> Interaction {
    Interaction::Create {
        resource_type: ResourceType::PATIENT,
        body: Arc::from(body.as_bytes()),
        if_none_exist: Some(if_none_exist.to_owned()),
    }
}

impl Store {
    fn new() -> Store {
        Store::with(Store::parts(), AnswerLimits::default())
    }

    /// The parts of a new store.
    fn parts() -> Parts {
        Store::parts_on(Arc::new(MemoryLog::new()))
    }

    fn parts_on(log: Arc<MemoryLog>) -> Parts {
        let new = NewStore {
            origin: "accord.example/test".to_owned(),
            default_controller: id("northgate"),
            test_principals: true,
        };
        crate::found(&*log, &new).unwrap();
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
        let store_key = StoreKey::random(&*rng);
        let clock = Arc::new(ManualClock::new(NOW));
        let disk = Arc::new(SimDisk::new(1));
        Parts { log, disk, store_key, clock, rng }
    }

    fn with(parts: Parts, answers: AnswerLimits) -> Store {
        let key = parts.store_key.clone();
        let options = Options { chunk_rows: 64, answers, ..Options::default() };
        Store { engine: Engine::assemble(parts, &options).unwrap(), key }
    }

    fn ask(&self, subject: Arc<Subject>, interaction: Interaction) -> Outcome {
        self.engine.handle_blocking(request(subject, interaction))
    }

    fn open(&self, sealed: &[u8]) -> AccessRecord {
        crate::who::AccessKeys::new(&self.key).open(sealed).unwrap()
    }

    /// The records of the access stream.
    fn recorded(&self) -> Vec<AccessRecord> {
        let stream = self.engine.recorder.stream();
        stream.flush().unwrap();
        stream.leaves().map(|sealed| self.open(&sealed.unwrap())).collect()
    }

    /// The record of the newest write.
    fn last_write(&self) -> AccessRecord {
        let end = self.engine.log.end().unwrap();
        let bytes = self.engine.log.read(Row(end.0 - 1)).unwrap().unwrap();
        self.open(decode_record(&bytes).unwrap().access().unwrap())
    }
}

const PATIENT: &str = r#"{"resourceType":"Patient","identifier":[{"system":"s","value":"1"}]}"#;

#[test]
fn every_batch_leaves_a_record_of_its_own() {
    let store = Store::new();
    for entries in ["", r#","entry":[{"request":{"method":"POST","url":"Nothing"}}]"#] {
        let body = format!(r#"{{"resourceType":"Bundle","type":"batch"{entries}}}"#);
        store.ask(system(), bundle(&body)).unwrap();
    }
    let codes: Vec<_> = store.recorded().into_iter().map(|record| record.interaction).collect();
    assert_eq!(codes, ["batch", "batch"]);
}

#[test]
fn a_conditional_create_that_finds_records_whom_it_shows() {
    let store = Store::new();
    let Ok(Answer::Created(made)) = store.ask(system(), create(PATIENT, "identifier=1")) else {
        panic!("not created");
    };
    let found = store.ask(system(), create(PATIENT, "identifier=1"));
    assert!(matches!(found, Ok(Answer::Existing(version)) if version.id == made.id));
    assert_eq!(store.last_write().patients, [made.id]);
}

#[test]
fn an_import_that_was_done_before_is_recorded() {
    let store = Store::new();
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"request":{{"method":"POST","url":"Patient"}},"resource":{PATIENT}}}]}}"#
    );
    let options = BundleOptions { mark: Some([7; 32]), ..BundleOptions::default() };
    let again =
        || Interaction::Bundle { body: Arc::from(body.as_bytes()), options: options.clone() };
    store.ask(system(), again()).unwrap();
    assert!(matches!(store.ask(system(), again()), Ok(Answer::AlreadyImported)));
    assert_eq!(store.recorded().len(), 1);
}

#[test]
fn the_first_creates_of_a_new_organization_find_each_other() {
    let store = Store::new();
    let feed = subject(Principal::Device(id("feed")), Role::Integration);
    let start = || store.engine.start(request(feed.clone(), create(PATIENT, "identifier=1")));
    let started: Vec<_> = (0..8).map(|_| start()).collect();
    let mut made = 0;
    for started in started {
        let crate::Started::Waiting(pending) = started else { panic!("answered at once") };
        made += u32::from(matches!(pending.wait(), Ok(Answer::Created(_))));
    }
    assert_eq!(made, 1);
}

/// Conditions that the writer will not evaluate again are evaluated by who asked.
#[test]
fn costly_conditions_find_what_others_create_too() {
    let store = Store::new();
    let body = r#"{"resourceType":"Patient","name":[{"family":"Willow"}]}"#;
    let start = || store.engine.start(request(system(), create(body, "family:contains=illo")));
    let started: Vec<_> = (0..8).map(|_| start()).collect();
    let mut made = 0;
    for started in started {
        let crate::Started::Waiting(pending) = started else { panic!("answered at once") };
        made += u32::from(matches!(pending.wait(), Ok(Answer::Created(_))));
    }
    assert_eq!(made, 1);
}

#[test]
fn the_cost_of_a_condition_is_known_where_keys_lead_to_it() {
    let store = Store::new();
    for _ in 0..100 {
        store.ask(system(), create(PATIENT, "identifier=none")).unwrap();
    }
    let cost = |text: &str| {
        let (of, strict) = (Some(ResourceType::PATIENT), accord_query::Handling::Strict);
        let (query, _) = store.engine.parse_query(of, crate::url::pairs(text), strict).unwrap();
        let view = store.engine.view_for(
            &request(system(), create("", "")),
            accord_access::Interaction::SearchType,
            of,
        );
        view.unwrap().cost(&query).unwrap()
    };
    assert_eq!(cost("identifier=2"), Some(0));
    assert_eq!(cost("identifier=1"), Some(100));
    assert_eq!(cost("identifier=1&birthdate=gt2000"), Some(100));
    for scanned in ["name=a", "birthdate=gt2000", "identifier:not=1", "identifier=1&name=a"] {
        assert_eq!(cost(scanned), None, "{scanned}");
    }
}

#[test]
fn what_the_token_forbids_is_refused_before_the_body_is_read() {
    let store = Store::new();
    let interaction = Interaction::Create {
        resource_type: ResourceType::PATIENT,
        body: Arc::from(&b"not JSON"[..]),
        if_none_exist: None,
    };
    let pharmacist = subject(Principal::Practitioner(id("ph")), Role::Pharmacist);
    let failure = store.ask(pharmacist, interaction).unwrap_err();
    assert_eq!(failure.category, Category::Forbidden);
    let [record] = &store.recorded()[..] else { panic!("one record") };
    assert_eq!((record.status, record.decision.permit), (403, false));
    assert_eq!(record.decision.rules, ["interaction-not-allowed"]);
}

#[test]
fn many_who_want_the_same_get_it_without_giving_up() {
    let store = Store::new();
    for round in 0..20 {
        let condition = format!("identifier=r{round}");
        let body = PATIENT.replace("\"1\"", &format!("\"r{round}\""));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| store.ask(system(), create(&body, &condition)).unwrap());
            }
        });
    }
    assert_eq!(store.engine.watermark(), Row(20 * 16));
}
