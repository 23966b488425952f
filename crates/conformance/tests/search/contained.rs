//! Contained resources, looked for in every document there is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use accord_base::{Role, SeededRng};
use accord_conformance::naive::all;
use accord_engine::{Category, Version};
use serde_json::{Value, json};

use crate::queries::{Filter, Queries};
use crate::reference::{OWN, PARAMS, WORDS, matches, values};
use crate::within::Within;
use crate::{Asked, Shelves, World, finding, names, scan, visit};

/// Types that are contained in the documents of these tests.
const INNER: [&str; 4] = ["Patient", "Encounter", "Observation", "Condition"];

/// An observation that contains what it refers to, some of it; no two are alike.
pub fn carrier(rng: &SeededRng, n: usize) -> Value {
    let one_of = |from: &[&'static str]| from[rng.below(from.len() as u64) as usize];
    let code = || json!({"coding": [{"system": "http://x", "code": one_of(&["a", "b"])}]});
    let to = |inner: &'static str, outer: &'static str| match rng.below(3) {
        0 => json!({"reference": outer}),
        _ => json!({"reference": inner}),
    };
    let mut patient = json!({"resourceType": "Patient", "id": "p",
        "gender": one_of(&["male", "female"]), "birthDate": one_of(&["1980", "1981-02-03"])});
    if rng.below(3) > 0 {
        let family = format!("{} {n}", one_of(&["Grüner", "Small"]));
        patient["name"] = json!([{"family": family, "given": [one_of(&["Anna", "Bo"])]}]);
    }
    let mut encounter = visit(rng);
    (encounter["id"], encounter["subject"]) = ("e".into(), to("#p", "Patient/someone"));
    let mut inner = finding(rng);
    (inner["id"], inner["subject"]) = ("o".into(), to("#p", "Patient/someone"));
    if rng.below(2) == 0 {
        inner["encounter"] = json!({"reference": "#e"});
    }
    let condition = json!({"resourceType": "Condition", "id": "c", "code": code(),
        "subject": {"reference": "#p"}, "encounter": to("#e", "Encounter/none"),
        "onsetDateTime": one_of(&["2019", "2020-03-01"])});
    let mut all = vec![patient, encounter, inner, condition];
    // In any order, under any number.
    all.rotate_left(rng.below(4) as usize);
    let focus =
        json!([{"reference": "#o"}, {"reference": "#c"}, {"reference": "#e"}, {"reference": "#p"}]);
    json!({"resourceType": "Observation", "status": "final", "code": code(), "focus": focus,
        "subject": to("#p", "Patient/someone"), "encounter": to("#e", "Encounter/none"),
        "effectiveDateTime": "2020-03-01", "contained": all})
}

/// The resources that a document contains, in their order.
pub fn contents(document: &Value) -> &[Value] {
    document["contained"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_of(resource: &Value, kind: &str) -> bool {
    resource["resourceType"] == kind
}

/// What passes behind references, found once for each condition of a query.
#[derive(Default)]
pub struct Known(RefCell<BTreeMap<*const Filter, Rc<BTreeSet<String>>>>);

impl Known {
    fn names(
        &self,
        shelves: &Shelves,
        kind: &str,
        rest: &Filter,
        now: i64,
    ) -> Rc<BTreeSet<String>> {
        if let Some(names) = self.0.borrow().get(&(rest as *const Filter)) {
            return names.clone();
        }
        let names = Rc::new(names(shelves, kind, &scan(shelves, kind, rest, now)));
        self.0.borrow_mut().insert(rest, names.clone());
        names
    }
}

/// Whether a reference of a resource leads, within a document, to one of a type that passes.
pub fn leads(
    (shelves, known): (&Shelves, &Known),
    (document, resource): (&Value, &Value),
    (paths, kind, rest): (&str, &str, &Filter),
    now: i64,
) -> bool {
    let named = all(resource, paths).into_iter().filter_map(|value| value["reference"].as_str());
    let fragments: BTreeSet<&str> = named.filter_map(|text| text.strip_prefix('#')).collect();
    let named = |inner: &&Value| fragments.contains(inner["id"].as_str().unwrap());
    let mut inner = contents(document).iter().filter(named);
    inner.any(|inner| is_of(inner, kind) && holds((shelves, known), (document, inner), rest, now))
}

/// Whether a contained resource passes.
pub fn holds(
    (shelves, known): (&Shelves, &Known),
    (document, resource): (&Value, &Value),
    filter: &Filter,
    now: i64,
) -> bool {
    match filter {
        Filter::Plain(clause) => {
            let (code, ..) = clause.param;
            let own = OWN.iter().any(|(of, own, ..)| *own == code && is_of(resource, of));
            if own || WORDS.iter().any(|words| words.0 == code) {
                return false;
            }
            let from = if code == "_lastUpdated" { document } else { resource };
            matches(&values(from, clause.param), clause.modifier, &clause.alternatives, now)
        }
        Filter::Chain { param, kind, rest, .. } => {
            let passing = known.names(shelves, kind, rest, now);
            let named = crate::references(resource, *param).any(|name| passing.contains(&name));
            named || leads((shelves, known), (document, resource), (param.2, kind, rest), now)
        }
        Filter::Has { .. } => false,
    }
}

/// Whether contained resources may be asked by it.
fn is_known(kind: &str, filter: &Filter) -> bool {
    match filter {
        Filter::Plain(clause) => {
            let own = OWN.iter().any(|(of, own, ..)| *own == clause.param.0 && *of == kind);
            !own && WORDS.iter().all(|words| words.0 != clause.param.0)
        }
        Filter::Chain { param, .. } => {
            OWN.iter().all(|(of, own, ..)| *own != param.0 || *of != kind)
        }
        Filter::Has { .. } => false,
    }
}

impl World<'_> {
    /// Compares the answers to one query for contained resources; whether it has matches.
    pub fn compare_contained(&self, queries: &Queries<'_>, moving: bool) -> Option<bool> {
        let kind = INNER[queries.below(INNER.len())];
        let (subject, shelves) = &self.askers[[0, 0, 1, 2][queries.below(4)]];
        let documents = |kind: &str| match queries.below(2) {
            0 => self.everything[kind].documents.as_slice(),
            _ => self.inner[kind].as_slice(),
        };
        let mut filters = queries.filters(kind, &documents);
        filters.retain(|filter| is_known(kind, filter));
        let params: Vec<(String, String)> = filters.iter().map(Filter::pair).collect();
        if moving && params.iter().any(|(name, _)| name.contains("_lastUpdated")) {
            return None;
        }
        let known = Known::default();
        let (both, alone) = (queries.below(2) == 0, queries.below(2) == 0);
        let mut expected = BTreeSet::new();
        if both {
            let passing: Vec<_> =
                filters.iter().map(|f| scan(shelves, kind, f, self.now)).collect();
            for (at, id) in shelves[kind].ids.iter().enumerate() {
                if passing.iter().all(|passes| passes[at]) {
                    expected.insert(format!("{kind}/{id}"));
                }
            }
        }
        for (of, _) in PARAMS {
            for (id, document) in shelves[of].ids.iter().zip(&shelves[of].documents) {
                for inner in contents(document).iter().filter(|inner| is_of(inner, kind)) {
                    let passes =
                        |f: &Filter| holds((shelves, &known), (document, inner), f, self.now);
                    if filters.iter().all(passes) {
                        let fragment = inner["id"].as_str().unwrap();
                        let end = if alone { format!("#{fragment}") } else { String::new() };
                        expected.insert(format!("{of}/{id}{end}"));
                    }
                }
            }
        }
        let case = format!("{:?} seed {}: {kind}?{params:?}", subject.role, self.seed);
        let which = if both { "both" } else { "true" };
        let kinds = if alone { "contained" } else { "container" };
        let more = [("_contained", which), ("_containedType", kinds)];
        let asked = Asked {
            store: self.store,
            subject: subject.clone(),
            kind,
            within: Within::All,
            params,
        };
        if asked.subject.role != Role::System
            && let Err(failure) = asked.ask(&more)
        {
            assert_eq!(failure.category, Category::Forbidden, "{case}");
            assert!(expected.is_empty(), "{case}");
            return Some(false);
        }
        asked.check_contained(&expected, &more, 1 + queries.below(40), &case);
        Some(!expected.is_empty())
    }
}

impl Asked<'_> {
    fn check_contained(
        &self,
        expected: &BTreeSet<String>,
        more: &[(&str, &str)],
        count: usize,
        case: &str,
    ) {
        let size = count.to_string();
        let name = |v: &Version| {
            let end = v.fragment.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
            format!("{}/{}{end}", v.resource_type.name(), v.id)
        };
        let (mut seen, mut cursor) = (BTreeSet::new(), None::<String>);
        for _ in 0..6 {
            let mut more = [more, &[("_count", size.as_str())]].concat();
            more.extend(cursor.as_deref().map(|c| ("_cursor", c)));
            let page = self.page(&more);
            assert_eq!(page.total, Some(expected.len() as u64), "{case} {more:?}");
            assert!(page.entries.len() <= count, "{case}");
            for entry in &page.entries {
                let name = name(entry);
                assert!(expected.contains(&name), "{case} {more:?}: {name} should not be found");
                assert!(seen.insert(name), "{case}: twice");
            }
            cursor = page.next;
            if cursor.is_none() {
                assert_eq!(seen.len(), expected.len(), "{case}: pages end early");
                return;
            }
        }
        assert_eq!(seen.len(), 6 * count, "{case}: pages are full");
    }
}

/// What documents contain, by type.
pub fn inner(shelves: &Shelves) -> BTreeMap<&'static str, Vec<Value>> {
    let all: Vec<&Value> = shelves.values().flat_map(|shelf| &shelf.documents).collect();
    let of = |kind: &'static str| {
        let inner = all.iter().flat_map(|document| contents(document));
        (kind, inner.filter(|inner| is_of(inner, kind)).cloned().collect())
    };
    // What is not contained anywhere is drawn from what there is.
    let kinds = PARAMS.iter().map(|(kind, _)| *kind);
    let mut found: BTreeMap<_, Vec<Value>> = kinds.map(of).collect();
    for (kind, inner) in &mut found {
        if inner.is_empty() {
            inner.clone_from(&shelves[kind].documents);
        }
    }
    found
}
