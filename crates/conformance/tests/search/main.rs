//! Search finds what a look at every resource finds: random queries over real records.
//!
//! `ACCORD_SEARCH_SEED` draws others, `ACCORD_SEARCH_QUERIES` more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod contained;
mod metas;
mod queries;
mod reference;
mod touching;
mod units;
mod within;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accord_base::{Clock, LogTime, Role, SeededRng, Subject};
use accord_conformance::{Store, archive, id, seed_of};
use accord_engine::{Answer, Category, Failure, Interaction, Page, Version};
use accord_spec::ResourceType;
use accord_synth::Population;
use queries::{Filter, LINKS, Queries, linking};
use reference::{COMMON, Datum, Kind, OWN, PARAMS, Param, WORDS, matches, plain, values};
use serde_json::{Value, json};
use touching::Touching;
use within::Within;

/// Resources of a type as served, with the values of each parameter.
struct Shelf {
    documents: Vec<Value>,
    ids: Vec<String>,
    values: BTreeMap<&'static str, Vec<Vec<Datum>>>,
}

fn filled() -> Store {
    let store = Store::new(5, Population::DEFAULT_UNTIL, 1024);
    let system = Arc::new(Subject::system("search"));
    let send = |body: &str, controller: Option<&str>| {
        store.clock.advance_us(LogTime::SECOND_US);
        let outcome = store.bundle(&system, body, controller);
        assert!(matches!(outcome, Ok(Answer::Bundle { .. })), "{outcome:?}");
    };
    match archive::read("data/synthea-300.tar.zst", 25) {
        Some(bundles) => {
            for (at, (_, body)) in bundles.into_iter().enumerate() {
                send(std::str::from_utf8(&body).unwrap(), None);
                // What was written before is asked for them by the job.
                if at == 9 {
                    send(&definitions(), None);
                }
            }
        }
        None => {
            let population = Population { patients: 30, updates: true, ..Population::default() };
            population.transactions().for_each(|t| send(&t.body, Some(t.controller)));
            send(&definitions(), None);
        }
    }
    let rng = SeededRng::new(9);
    let entry = |resource: Value| json!({"request": {"method": "POST", "url": resource["resourceType"]}, "resource": resource});
    let mut entries: Vec<Value> = (0..60).map(|_| entry(risk(&rng))).collect();
    entries.extend((0..60).map(|_| entry(visit(&rng))));
    entries.extend((0..30).map(|n| {
        let status = ["draft", "active"][n % 2];
        let places = ["", "/", "/sets", "/sets/", "/sets/a", "/sets/a/b"];
        let url = match n % 3 {
            0 => format!("http://example.org{}", places[n / 3 % 6]),
            _ => format!("http://example.org/sets/{}", n % 17),
        };
        entry(json!({"resourceType": "ValueSet", "status": status, "url": url}))
    }));
    entries.extend(within::lists(&store, &|bound| rng.below(bound as u64) as usize));
    entries.extend((0..40).map(|n| entry(place(&rng, n))));
    entries.extend((0..40).map(|_| entry(finding(&rng))));
    entries.extend((0..60).map(|n| entry(contained::carrier(&rng, n))));
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    send(&bundle.to_string(), None);
    assert!(store.engine.wait_until_indexed());
    store
}

/// The parameters that the store defines itself.
fn definitions() -> String {
    let define = |(base, code, kind, expression)| {
        json!({"request": {"method": "POST", "url": "SearchParameter"}, "resource": {
            "resourceType": "SearchParameter", "status": "active", "code": code, "name": code,
            "url": format!("http://example.org/{code}"), "description": "of the store's own",
            "base": [base], "type": kind, "expression": expression}})
    };
    let entries: Vec<Value> = OWN.into_iter().map(define).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
}

/// A place on the globe, some close to others, to a pole or to the 180th meridian.
fn place(rng: &SeededRng, n: usize) -> Value {
    let degrees = |most: u64| rng.below(2000 * most) as f64 / 1000.0 - most as f64;
    let near = |centre: f64| centre + degrees(1) / 10.0;
    let (latitude, longitude) = match n % 4 {
        0 => (near(51.5), near(-0.1)),
        1 => (near(89.9).min(90.0), degrees(180)),
        2 => (near(-17.0), near(179.95).min(180.0)),
        _ => (degrees(90), degrees(180)),
    };
    let mut body =
        json!({"resourceType": "Location", "name": format!("Ward {n}"), "status": "active"});
    if !n.is_multiple_of(7) {
        body["position"] = json!({"latitude": latitude, "longitude": longitude});
    }
    body
}

/// A finding with several components, of which some have what others lack.
fn finding(rng: &SeededRng) -> Value {
    let code = || {
        json!({"coding": [{"system": "http://x", "code": (["a", "b"][rng.below(2) as usize]),
        "display": (["First", "Première"][rng.below(2) as usize])}]})
    };
    let amount = || {
        json!({"value": 1 + rng.below(4), "unit": "mg", "code": (["mg", "g"][rng.below(2) as usize]),
        "system": "http://unitsofmeasure.org"})
    };
    let component = |_| match rng.below(3) {
        0 => json!({"code": code(), "valueCodeableConcept": code()}),
        _ => json!({"code": code(), "valueQuantity": amount()}),
    };
    let mut body = json!({"resourceType": "Observation", "status": "final", "code": code(),
        "component": (0..rng.below(4)).map(component).collect::<Vec<Value>>()});
    let tag = [json!({"system": "http://x", "code": "t"}), json!({"code": "t"})];
    match rng.below(5) {
        0 => body["meta"] = json!({"tag": tag}),
        1 => body["meta"] = json!({"tag": [tag[1]], "profile": ["http://example.org/p|1"]}),
        _ => {}
    }
    match rng.below(5) {
        0 => body["valueQuantity"] = amount(),
        1 => body["valueString"] = ["Größe", "grob"][rng.below(2) as usize].into(),
        2 => body["valueDateTime"] = ["2020", "2020-03-01"][rng.below(2) as usize].into(),
        3 => body["valueCodeableConcept"] = code(),
        _ => body["code"] = json!({"text": "First of all"}),
    }
    // R4 obs-7: where the whole has a value, no component has its code.
    let own = body["code"]["coding"][0]["code"].clone();
    let components = body["component"].as_array_mut().unwrap();
    components.retain(|component| component["code"]["coding"][0]["code"] != own);
    if components.is_empty() {
        body.as_object_mut().unwrap().remove("component");
    }
    body
}

/// A visit whose period may be open at either end.
fn visit(rng: &SeededRng) -> Value {
    let pick = |from: &[&'static str]| from[rng.below(from.len() as u64) as usize];
    let mut body = json!({"resourceType": "Encounter", "status": pick(&["planned", "arrived"]),
        "class": {"code": "AMB"}, "subject": {"reference": "Patient/someone"}});
    let mut period = json!({});
    if rng.below(3) > 0 {
        period["start"] =
            pick(&["2015", "2019-06", "2019-06-03", "2020-02-29T23:00:00-05:00"]).into();
    }
    if period["start"].is_null() || rng.below(2) == 0 {
        period["end"] = pick(&["2020-03", "2020-03-01", "2021", "2026-06-01T08:31:00.5Z"]).into();
    }
    if rng.below(6) > 0 {
        body["period"] = period;
    }
    if rng.below(3) == 0 {
        let value = ["1", "2"][rng.below(2) as usize];
        body["subject"] = json!({"identifier": {"system": "http://ids", "value": value}});
    }
    body
}

fn risk(rng: &SeededRng) -> Value {
    let mut text = format!("0.{:03}", rng.below(1000));
    text.truncate(3 + rng.below(3) as usize);
    let number: Value = serde_json::from_str(&text).unwrap();
    let level = ["high", "low"][rng.below(2) as usize];
    let mut body = json!({"resourceType": "RiskAssessment", "status": "final",
        "subject": {"reference": "Patient/someone"},
        "prediction": [{"probabilityDecimal": number}, {"qualitativeRisk": {"coding": [{"system": "http://x", "code": level}]}}]});
    match rng.below(3) {
        0 => body["occurrenceDateTime"] = "2020-03".into(),
        1 => body["occurrencePeriod"] = json!({"start": "2019-01-01"}),
        _ => drop(body["prediction"].as_array_mut().unwrap().pop()),
    }
    if rng.below(3) == 0 {
        body["meta"] = json!({"security": [{"system": "http://y", "code": "N"}]});
    }
    body
}

/// What exists for whoever asks, and the words of it that they see.
fn shelves_of(store: &Store, subject: &Arc<Subject>, all: &Shelves) -> Shelves {
    let seen = |kind: &str, own: &str| {
        let (resource_type, id) = (ResourceType::from_name(kind).unwrap(), id(own));
        let (if_none_match, if_modified_since) = (None, None);
        let read = Interaction::Read { resource_type, id, if_none_match, if_modified_since };
        match store.ask(subject, read) {
            Ok(Answer::Read(version)) => Some(serde_json::from_str(&version.body).unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(_) => None,
        }
    };
    let shelf = |(kind, shelf): (&&'static str, &Shelf)| {
        let read: Vec<Option<Value>> = shelf.ids.iter().map(|id| seen(kind, id)).collect();
        let keep = |values: &Vec<Vec<Datum>>| {
            let kept = values.iter().zip(&read).filter(|(_, read)| read.is_some());
            kept.map(|(values, _)| values.clone()).collect()
        };
        let values =
            shelf.values.iter().map(|(code, values)| match WORDS.iter().find(|p| p.0 == *code) {
                Some(words) => {
                    (*code, read.iter().flatten().map(|d| reference::values(d, *words)).collect())
                }
                None => (*code, keep(values)),
            });
        let values = values.collect();
        let kept = |at: &usize| read[*at].is_some();
        let places: Vec<usize> = (0..read.len()).filter(kept).collect();
        let ids = places.iter().map(|at| shelf.ids[*at].clone()).collect();
        let documents = places.iter().map(|at| shelf.documents[*at].clone()).collect();
        (*kind, Shelf { documents, ids, values })
    };
    all.iter().map(shelf).collect()
}

fn shelves(store: &Store) -> BTreeMap<&'static str, Shelf> {
    let mut newest: BTreeMap<(ResourceType, String), Value> = BTreeMap::new();
    for version in store.versions() {
        let key = (version.resource_type, version.id.to_string());
        if version.deleted {
            newest.remove(&key);
        } else {
            newest.insert(key, serde_json::from_str(&version.body).unwrap());
        }
    }
    let mut shelves = BTreeMap::new();
    for (kind, params) in PARAMS {
        let of_kind = newest.iter().filter(|((k, _), _)| k.name() == kind);
        let (ids, documents): (Vec<String>, Vec<Value>) =
            of_kind.map(|((_, id), document)| (id.clone(), document.clone())).unzip();
        let all = params.iter().chain(&COMMON).chain(&WORDS);
        let values =
            all.map(|p| (p.0, documents.iter().map(|d| values(d, *p)).collect())).collect();
        shelves.insert(kind, Shelf { documents, ids, values });
    }
    shelves
}

type Shelves = BTreeMap<&'static str, Shelf>;

/// Which resources of a kind pass a filter, by looking at all.
fn scan(shelves: &Shelves, kind: &str, filter: &Filter, now: i64) -> Vec<bool> {
    let shelf = &shelves[kind];
    match filter {
        Filter::Plain(clause) => shelf.values[clause.param.0]
            .iter()
            .map(|found| matches(found, clause.modifier, &clause.alternatives, now))
            .collect(),
        Filter::Chain { param, kind: to, rest, .. } => {
            let passing = names(shelves, to, &scan(shelves, to, rest, now));
            let own = OWN.iter().any(|(of, own, ..)| *own == param.0 && *of == kind);
            let known = contained::Known::default();
            let refers = |document| {
                let inside = || {
                    contained::leads(
                        (shelves, &known),
                        (document, document),
                        (param.2, to, rest),
                        now,
                    )
                };
                references(document, *param).any(|r| passing.contains(&r)) || (!own && inside())
            };
            shelf.documents.iter().map(refers).collect()
        }
        Filter::Has { kind: from, param, rest } => {
            let passing = scan(shelves, from, rest, now);
            let documents = shelves[from].documents.iter().zip(passing);
            let named: BTreeSet<String> = documents
                .filter(|(_, passes)| *passes)
                .flat_map(|(document, _)| references(document, *param))
                .collect();
            shelf.ids.iter().map(|id| named.contains(&format!("{kind}/{id}"))).collect()
        }
    }
}

/// What a resource refers to by a parameter.
fn references(document: &Value, param: Param) -> impl Iterator<Item = String> {
    values(document, param).into_iter().filter_map(|datum| match datum {
        Datum::Reference(text) if !text.starts_with('#') => Some(text),
        _ => None,
    })
}

fn names(shelves: &Shelves, kind: &str, passing: &[bool]) -> BTreeSet<String> {
    let ids = shelves[kind].ids.iter().zip(passing);
    ids.filter(|(_, passes)| **passes).map(|(id, _)| format!("{kind}/{id}")).collect()
}

struct Asked<'a> {
    store: &'a Store,
    subject: Arc<Subject>,
    kind: &'static str,
    within: Within,
    params: Vec<(String, String)>,
}

impl Asked<'_> {
    fn page(&self, more: &[(&str, &str)]) -> Page {
        match self.ask(more) {
            Ok(page) => page,
            Err(failure) => panic!("{} {:?} {more:?}: {failure:?}", self.kind, self.params),
        }
    }

    fn ask(&self, more: &[(&str, &str)]) -> Result<Page, Failure> {
        let mut params = self.params.clone();
        params.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let interaction = self.within.interaction(self.kind, params);
        match self.store.ask(&self.subject, interaction) {
            Ok(Answer::Page(page)) => Ok(page),
            Err(failure)
                if matches!(failure.category, Category::TooCostly | Category::Forbidden) =>
            {
                Err(failure)
            }
            other => panic!("{} {:?} {more:?}: {other:?}", self.kind, self.params),
        }
    }

    /// Compares all pages, up to some, with what a scan found.
    fn check(&self, expected: &BTreeSet<&str>, order: &Order<'_>, count: usize, case: &str) {
        let (size, sort) = (count.to_string(), order.text());
        let mut controls = vec![("_count", size.as_str())];
        if !sort.is_empty() {
            controls.push(("_sort", sort.as_str()));
        }
        let (mut seen, mut last) = (BTreeSet::new(), None::<Vec<Option<Key>>>);
        let mut cursor: Option<String> = None;
        for _ in 0..6 {
            let mut more = controls.clone();
            more.extend(cursor.as_deref().map(|c| ("_cursor", c)));
            let page = self.page(&more);
            assert_eq!(page.total, Some(expected.len() as u64), "{case}");
            assert!(page.entries.len() <= count, "{case}");
            for entry in &page.entries {
                let id = entry.id.to_string();
                assert!(expected.contains(id.as_str()), "{case}: {id} should not be found");
                let place = order.place(&id);
                assert!(seen.insert(id), "{case}: twice");
                let after = last.is_none_or(|last| order.compare(&last, &place).is_le());
                assert!(after, "{case}: {sort}: {place:?}");
                last = Some(place);
            }
            cursor = page.next;
            if cursor.is_none() {
                assert_eq!(seen.len(), expected.len(), "{case}: pages end early");
                return;
            }
        }
        assert_eq!(seen.len(), 6 * count, "{case}: pages are full");
    }

    /// Compares what comes with a page with what a look at all resources finds.
    fn check_included(&self, shelves: &Shelves, queries: &Queries<'_>, case: &str) {
        let includes: Vec<Joined> = (0..=queries.below(2)).map(|_| Joined::draw(queries)).collect();
        let pairs: Vec<(String, String)> = includes.iter().map(Joined::pair).collect();
        let mut more: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        more.push(("_count", "3"));
        let Ok(page) = self.ask(&more) else { return };
        let name = |v: &Version| format!("{}/{}", v.resource_type.name(), v.id);
        let matches: BTreeSet<String> = page.entries.iter().map(name).collect();
        let expected = included(shelves, &matches, &includes);
        let found: BTreeSet<String> = page.included.iter().map(name).collect();
        assert_eq!(found.len(), page.included.len(), "{case} {pairs:?}: twice");
        assert_eq!(found, expected, "{case} {pairs:?}");
    }
}

/// What is to come with matches.
struct Joined {
    reverse: bool,
    iterate: bool,
    from: &'static str,
    by: &'static str,
    to: &'static str,
    typed: bool,
}

impl Joined {
    fn draw(queries: &Queries<'_>) -> Joined {
        let (from, by, to) = LINKS[queries.below(LINKS.len())];
        let one = || queries.below(2) == 0;
        Joined { reverse: one(), iterate: one(), from, by, to, typed: one() }
    }

    fn pair(&self) -> (String, String) {
        let name = if self.reverse { "_revinclude" } else { "_include" };
        let again = if self.iterate { ":iterate" } else { "" };
        let only = if self.typed { format!(":{}", self.to) } else { String::new() };
        (format!("{name}{again}"), format!("{}:{}{only}", self.from, self.by))
    }

    /// What it joins to some resources.
    fn of(&self, shelves: &Shelves, names: &BTreeSet<String>) -> BTreeSet<String> {
        let from = &shelves[self.from];
        let mut joined = BTreeSet::new();
        for (id, document) in from.ids.iter().zip(&from.documents) {
            let own = format!("{}/{id}", self.from);
            for target in references(document, linking(self.from, self.by)) {
                let (kind, id) = target.split_once('/').unwrap();
                let there = kind == self.to && shelves[kind].ids.iter().any(|i| i == id);
                if self.reverse && names.contains(&target) {
                    joined.insert(own.clone());
                } else if !self.reverse && names.contains(&own) && there {
                    joined.insert(target);
                }
            }
        }
        joined
    }
}

/// Everything that comes with matches.
fn included(
    shelves: &Shelves,
    matches: &BTreeSet<String>,
    includes: &[Joined],
) -> BTreeSet<String> {
    let mut all: BTreeSet<String> =
        includes.iter().flat_map(|joined| joined.of(shelves, matches)).collect();
    loop {
        let before = all.len();
        let again = includes.iter().filter(|joined| joined.iterate);
        let more: Vec<String> = again.flat_map(|joined| joined.of(shelves, &all)).collect();
        all.extend(more);
        if all.len() == before {
            return &all - matches;
        }
    }
}

/// A value to sort by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Number(i128),
    Text(String),
}

/// An order asked for.
struct Order<'a> {
    shelf: &'a Shelf,
    criteria: Vec<(&'static str, bool)>,
}

impl<'a> Order<'a> {
    fn draw(shelf: &'a Shelf, kind: &str, queries: &Queries<'_>) -> Order<'a> {
        let (_, params) = PARAMS.iter().find(|(name, _)| *name == kind).unwrap();
        let sorts = |param: &&Param| !matches!(param.1, Kind::Composite(_) | Kind::Place);
        let all = params.iter().chain(&COMMON).filter(sorts);
        let all: Vec<&'static str> = all.map(|param| param.0).collect();
        let one = |_| (all[queries.below(all.len())], queries.below(2) == 0);
        Order { shelf, criteria: (0..queries.below(4)).map(one).collect() }
    }

    fn text(&self) -> String {
        let one = |(code, down): &(&str, bool)| format!("{}{code}", if *down { "-" } else { "" });
        self.criteria.iter().map(one).collect::<Vec<_>>().join(",")
    }

    /// The value for each criterion.
    fn place(&self, id: &str) -> Vec<Option<Key>> {
        let at = self.shelf.ids.iter().position(|own| own == id).unwrap();
        let key = |(code, down): &(&str, bool)| {
            let keys = self.shelf.values[code][at].iter().filter_map(|datum| match datum {
                Datum::Token { code, .. } => Some(Key::Text(code.clone())),
                Datum::Reference(text) if text.starts_with('#') => None,
                Datum::Reference(text) | Datum::Uri(text) => Some(Key::Text(text.clone())),
                Datum::Text(text) => Some(Key::Text(plain(text))),
                Datum::Span(low, high) => {
                    Some(Key::Number(if *down { *high } else { *low }.into()))
                }
                Datum::Amount { number, .. } => Some(Key::Number(*number)),
                _ => None,
            });
            if *down { keys.max() } else { keys.min() }
        };
        self.criteria.iter().map(key).collect()
    }

    /// What has no value comes last either way.
    fn compare(&self, a: &[Option<Key>], b: &[Option<Key>]) -> Ordering {
        let pairs = a.iter().zip(b).zip(&self.criteria);
        let one = pairs.map(|((a, b), (_, down))| match (a, b) {
            (Some(a), Some(b)) if *down => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            _ => a.is_none().cmp(&b.is_none()),
        });
        one.fold(Ordering::Equal, Ordering::then)
    }
}

/// Everything asked, and what each asker can find.
struct World<'s> {
    seed: u64,
    store: &'s Store,
    everything: Shelves,
    /// What documents contain, by type.
    inner: BTreeMap<&'static str, Vec<Value>>,
    askers: Vec<(Arc<Subject>, Shelves)>,
    now: i64,
}

impl World<'_> {
    fn of(store: &Store, seed: u64) -> World<'_> {
        let everything = shelves(store);
        let asker = |subject| {
            let seen = shelves_of(store, &subject, &everything);
            let count: usize = seen.values().map(|shelf| shelf.ids.len()).sum();
            println!("{:?}: {count} resources", subject.role);
            (subject, seen)
        };
        let askers = within::askers(&everything).into_iter().map(asker).collect();
        let inner = contained::inner(&everything);
        World { seed, store, everything, inner, askers, now: store.clock.now().0 as i64 }
    }

    /// Compares the answers to one query; whether it has matches. While resources get new
    /// versions, nothing is asked about instants of versions.
    fn compare(&self, queries: &Queries<'_>, moving: bool) -> Option<bool> {
        let (kind, _) = PARAMS[queries.below(PARAMS.len())];
        // The operator asks most.
        let (subject, shelves) = &self.askers[[0, 0, 1, 2, 2][queries.below(5)]];
        let shelf = &shelves[kind];
        let within = Within::draw(kind, shelves, queries);
        let members = within.ids(kind, shelves);
        let filters = queries.filters(kind, &|kind| self.everything[kind].documents.as_slice());
        let passing: Vec<_> = filters.iter().map(|f| scan(shelves, kind, f, self.now)).collect();
        let hits = (0..shelf.ids.len()).filter(|at| passing.iter().all(|passes| passes[*at]));
        let hits = hits.map(|at| shelf.ids[at].as_str());
        let expected: BTreeSet<&str> = hits.filter(|id| members.contains(id)).collect();
        let params: Vec<(String, String)> = filters.iter().map(Filter::pair).collect();
        let case = format!("{:?} seed {}: {kind}?{params:?}", subject.role, self.seed);
        let order = Order::draw(shelf, kind, queries);
        let born = |text: &str| text.contains("_lastUpdated");
        if moving && (born(&order.text()) || params.iter().any(|(name, _)| born(name))) {
            return None;
        }
        let asked = Asked { store: self.store, subject: subject.clone(), kind, within, params };
        // A type that the asker's role never sees.
        if asked.subject.role != Role::System
            && let Err(failure) = asked.ask(&[])
        {
            assert_eq!(failure.category, Category::Forbidden, "{case}");
            assert!(expected.is_empty(), "{case}");
            return Some(false);
        }
        if queries.below(6) == 0 {
            let page = asked.page(&[("_summary", "count")]);
            let told = (page.total, page.entries.len());
            assert_eq!(told, (Some(expected.len() as u64), 0), "{case}");
        } else {
            asked.check(&expected, &order, 1 + queries.below(40), &case);
            if queries.below(8) == 0 {
                asked.check_included(shelves, queries, &case);
            }
        }
        Some(!expected.is_empty())
    }
}

#[test]
fn search_finds_what_a_scan_finds() {
    let seed = seed_of("ACCORD_SEARCH_SEED", 1);
    let wanted = seed_of("ACCORD_SEARCH_QUERIES", 20_000);
    println!("ACCORD_SEARCH_SEED={seed}");
    let (store, rng) = (filled(), SeededRng::new(seed));
    let (world, queries) = (World::of(&store, seed), Queries { rng: &rng });
    let documents: Vec<&Value> = world.everything.values().flat_map(|s| &s.documents).collect();
    let resources = documents.len();
    world.compare_metas();
    let (touching, more) = Touching::new(&store, documents);
    let (mut found, mut empty) = (0, 0);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| touching.run());
        while found + empty < wanted {
            let moving = found + empty >= wanted / 4;
            let compared = match queries.below(5) {
                0 => world.compare_contained(&queries, moving),
                _ => world.compare(&queries, moving),
            };
            match compared {
                Some(true) => found += 1,
                Some(false) => empty += 1,
                None => {}
            }
            if moving && queries.below(3) == 0 {
                more.send(()).unwrap();
            }
        }
        drop(more);
        writer.join().unwrap()
    });
    println!("{wanted} queries over {resources} resources: {found} with matches, {empty} without");
    println!("{written} writes meanwhile");
    assert!(found > empty / 2, "many queries find something");
    assert!(written > wanted / 8, "writes went on");
}
