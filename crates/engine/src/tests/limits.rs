//! Work is bounded: what one Bundle may ask for, and work that nobody waits for.

use std::sync::atomic::{AtomicUsize, Ordering};

use accord_base::{Clock, Waiting};
use accord_fhir::IssueCode;
use parking_lot::Mutex;

use super::*;
use crate::{AnswerLimits, Failure, HistoryOf};

/// A clock that stands still, and lets a deadline pass when it was asked so many times.
struct Impatient {
    looks: AtomicUsize,
    most: usize,
    waiting: Mutex<Option<Waiting>>,
}

impl Clock for Impatient {
    fn now(&self) -> LogTime {
        if self.looks.fetch_add(1, Ordering::SeqCst) >= self.most {
            self.waiting.lock().take();
        }
        NOW
    }
}

fn search() -> Interaction {
    let resource_type = Some(ResourceType::PATIENT);
    Interaction::Search { resource_type, params: Vec::new(), raw: String::new(), lenient: false }
}

fn history() -> Interaction {
    Interaction::History { of: HistoryOf::System, params: Vec::new() }
}

fn creates(kind: &str, count: usize) -> String {
    let entry =
        format!(r#"{{"request":{{"method":"POST","url":"Patient"}},"resource":{PATIENT}}}"#);
    bundle_of(kind, &vec![entry; count])
}

fn gets(kind: &str, urls: &[&str]) -> String {
    let entry = |url: &&str| format!(r#"{{"request":{{"method":"GET","url":"{url}"}}}}"#);
    bundle_of(kind, &urls.iter().map(entry).collect::<Vec<_>>())
}

fn bundle_of(kind: &str, entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entries}]}}"#)
}

#[track_caller]
fn is_costly(failure: &Failure, category: Category) {
    assert_eq!(failure.category, category);
    assert_eq!(failure.issues[0].code, IssueCode::TooCostly);
}

#[track_caller]
fn entries(outcome: Outcome) -> Vec<Outcome> {
    match outcome {
        Ok(Answer::Bundle { entries, .. }) => entries,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_nobody_waits_for_is_not_done_and_recorded_so() {
    let store = Store::new();
    store.ask(system(), create(PATIENT, "identifier=1")).unwrap();
    let end = store.engine.watermark();
    let (waiting, deadline) = Deadline::new();
    drop(waiting);
    let late = [
        search(),
        history(),
        bundle(&creates("batch", 3)),
        bundle(&creates("transaction", 3)),
        create(PATIENT, "identifier=2"),
    ];
    for interaction in late {
        let asked = Request { deadline: deadline.clone(), ..request(system(), interaction) };
        is_costly(&store.engine.handle_blocking(asked).unwrap_err(), Category::Busy);
    }
    assert_eq!(store.engine.watermark(), end);
    let codes = store.recorded().into_iter().map(|record| (record.interaction, record.status));
    let expect = ["search-type", "history-system", "transaction", "transaction", "create"];
    assert!(codes.eq(expect.map(|code| (code.into(), 503))));
}

#[test]
fn a_search_that_is_not_brief_is_given_back_and_leaves_no_record() {
    let store = Store::new();
    store.ask(system(), create(PATIENT, "identifier=1")).unwrap();
    let before = store.recorded().len();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let brief = |time| {
        let asked = store.engine.handle_brief(request(system(), search()), time);
        runtime.block_on(asked).map_err(Box::new)
    };
    let Err(given_back) = brief(std::time::Duration::ZERO) else { panic!("it has no time") };
    assert_eq!(store.recorded().len(), before);
    assert!(!given_back.deadline.has_passed(), "it may take the time that it had");
    assert!(store.engine.handle_blocking(*given_back).is_ok());
    assert!(brief(std::time::Duration::from_secs(3600)).is_ok_and(|outcome| outcome.is_ok()));
    assert_eq!(store.recorded().len(), before + 2);
}

#[test]
fn a_batch_is_given_up_between_its_entries() {
    let parts = Store::parts();
    let (waiting, deadline) = Deadline::new();
    let clock = Arc::new(Impatient {
        looks: AtomicUsize::new(0),
        most: usize::MAX,
        waiting: Mutex::new(Some(waiting)),
    });
    let store = Store::with(Parts { clock: clock.clone(), ..parts }, AnswerLimits::default());
    let looked = || clock.looks.load(Ordering::SeqCst);
    let before = looked();
    store.ask(system(), bundle(&creates("batch", 1))).unwrap();
    let clock = Arc::new(Impatient {
        looks: AtomicUsize::new(0),
        most: 20 * (looked() - before),
        waiting: Mutex::new(clock.waiting.lock().take()),
    });
    let store = Store::with(Parts { clock, ..Store::parts() }, AnswerLimits::default());
    let interaction = bundle(&creates("batch", 1_000));
    let asked = Request { deadline, ..request(system(), interaction) };
    is_costly(&store.engine.handle_blocking(asked).unwrap_err(), Category::Busy);
    let done = store.engine.watermark().0;
    assert!((1..1_000).contains(&done), "{done}");
    let last = store.recorded().pop().unwrap();
    assert_eq!((&*last.interaction, last.status), ("batch", 503));
}

#[test]
fn a_bundle_searches_so_often_and_no_more() {
    for kind in ["batch", "transaction"] {
        let store = Store::new();
        let mut urls = vec!["Patient?_summary=count"; AnswerLimits::default().bundle_searches - 1];
        urls.extend(["Patient/_history", "Patient?name=x", "_history", "Patient/none"]);
        let answers = entries(store.ask(system(), bundle(&gets(kind, &urls))));
        let (good, rest) = answers.split_at(1_000);
        assert!(good.iter().all(Result::is_ok), "{kind}");
        is_costly(rest[0].as_ref().unwrap_err(), Category::TooCostly);
        is_costly(rest[1].as_ref().unwrap_err(), Category::TooCostly);
        // What costs one look is not counted.
        assert_eq!(rest[2].as_ref().unwrap_err().category, Category::NotFound);
        let refused = store.recorded().into_iter().filter(|record| record.status == 400);
        assert_eq!(refused.count(), 2);
    }
}

#[test]
fn the_answers_of_a_bundle_have_room_for_so_much() {
    let limits = AnswerLimits { bundle_bytes: 1_000, ..AnswerLimits::default() };
    let store = Store::with(Store::parts(), limits);
    let Ok(Answer::Created(made)) = store.ask(system(), create(PATIENT, "identifier=1")) else {
        panic!("not created");
    };
    let fit = 1_000 / made.body.len();
    let url = format!("Patient/{}", made.id);
    for kind in ["batch", "transaction"] {
        let answers = entries(store.ask(system(), bundle(&gets(kind, &vec![&*url; fit + 2]))));
        let (good, rest) = answers.split_at(fit);
        assert!(good.iter().all(Result::is_ok), "{kind}");
        rest.iter().for_each(|o| is_costly(o.as_ref().unwrap_err(), Category::TooCostly));
    }
    // A page counts with all it holds.
    let urls = vec!["Patient"; fit + 1];
    let answers = entries(store.ask(system(), bundle(&gets("batch", &urls))));
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), fit);
}

#[test]
fn small_conditional_creates_of_a_large_resource_do_not_multiply_it() {
    let limits = AnswerLimits { bundle_bytes: 1_000, ..AnswerLimits::default() };
    let store = Store::with(Store::parts(), limits);
    store.ask(system(), create(PATIENT, "identifier=1")).unwrap();
    let entry = format!(
        r#"{{"request":{{"method":"POST","url":"Patient","ifNoneExist":"identifier=1"}},
            "resource":{PATIENT}}}"#
    );
    for kind in ["batch", "transaction"] {
        let body = bundle_of(kind, &vec![entry.clone(); 100]);
        let answers = entries(store.ask(system(), bundle(&body)));
        assert_eq!(answers.len(), 100);
        let lengths = answers.iter().map(|answer| match answer {
            Ok(Answer::Existing(version)) => version.body.len(),
            other => panic!("{other:?}"),
        });
        let sum: usize = lengths.sum();
        assert!((500..=1_000).contains(&sum), "{sum}");
    }
}

/// The pages of a search or history, from the first to the last.
fn pages(
    store: &Store,
    ask: impl Fn(Vec<(String, String)>) -> Interaction,
) -> Vec<Vec<ResourceId>> {
    let (mut pages, mut params) = (Vec::new(), Vec::new());
    loop {
        let Ok(Answer::Page(page)) = store.ask(system(), ask(params)) else { panic!("no page") };
        pages.push(page.entries.into_iter().map(|version| version.id).collect());
        let Some(next) = page.next else { return pages };
        params = crate::url::pairs(&page.query);
        params.push(("_cursor".to_owned(), next));
    }
}

#[test]
fn a_page_ends_where_there_is_no_more_room() {
    let limits = AnswerLimits { page_bytes: 700, ..AnswerLimits::default() };
    let store = Store::with(Store::parts(), limits);
    for length in [1, 10, 2_000, 100, 2, 600, 3, 4, 5, 6] {
        let body = PATIENT.replace("\"s\"", &format!("\"{}\"", "s".repeat(length)));
        store.ask(system(), create(&body, &format!("identifier=none{length}"))).unwrap();
    }
    let history = |params| Interaction::History { of: HistoryOf::System, params };
    let search = |sort: &'static str| {
        move |mut params: Vec<(String, String)>| {
            params.retain(|(name, _)| name != "_sort");
            params.push(("_sort".to_owned(), sort.to_owned()));
            let resource_type = Some(ResourceType::PATIENT);
            Interaction::Search { resource_type, params, raw: String::new(), lenient: false }
        }
    };
    let by_birth = pages(&store, search("_lastUpdated"));
    let by_id = pages(&store, search("_id"));
    let newest_first = pages(&store, history);
    assert!(by_birth.len() > 3 && by_id.len() > 3 && newest_first.len() > 3);
    for pages in [&by_birth, &by_id, &newest_first] {
        assert!(pages.iter().all(|page| !page.is_empty()));
        let mut all = pages.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 10);
    }
    let mut reversed = newest_first.concat();
    reversed.reverse();
    assert_eq!(by_birth.concat(), reversed);
}
