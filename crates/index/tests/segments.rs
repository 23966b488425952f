//! What goes into a segment comes out again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use accord_base::{Deadline, LogTime, NameSpace, OrgOrd, PatientOrd, Row};
use accord_index::{
    BlockCache, Found, HistoryRange, Index, IndexError, Paging, Prepared, RowEffect,
};
use accord_query::Query;
use accord_spec::ResourceType;

use common::{
    all, code, index_of, observation, open, query, rich_chunk, segment_file, stating, token,
};

fn stated() -> Vec<RowEffect> {
    let mut effects = rich_chunk();
    effects[10] = stating(effects[10].clone());
    effects
}

#[test]
fn names_facts_and_changes_survive_sealing_and_reopening() {
    let effects = stated();
    let (before, _) = index_of(&effects, 64);
    let cache = BlockCache::new(1 << 20);
    let segment = open(segment_file(&before), &cache).unwrap();
    assert_eq!(segment.first_time(), effects[0].born);
    assert_eq!(segment.last_time(), effects[63].born);
    segment.verify().unwrap();
    let (after, writer) = Index::open(vec![segment], 64).unwrap();
    assert_eq!((writer.next_row(), writer.t()), (Row(64), effects[63].born));
    for index in [&before, &after] {
        let facts = index.facts().unwrap();
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].row, &facts[0].facts), (Row(10), &effects[10].facts));
        assert_eq!(index.ordinal(NameSpace::Actor, "Practitioner/1"), Some(0));
        assert_eq!(index.name(NameSpace::Actor, 0).as_deref(), Some("Practitioner/1"));
        let view = all(index);
        let policy = |row| view.row(Row(row)).unwrap().policy();
        assert_eq!(policy(0).labels, 9);
        assert_eq!(policy(1).patients[..], [PatientOrd(3), PatientOrd(4)]);
        assert_eq!(policy(2).controller, OrgOrd(2));
        assert_eq!(policy(3), effects[3].policy);
    }
}

#[test]
fn a_fact_ends_with_its_version() {
    let effects = stated();
    let (index, mut writer) = index_of(&effects, 64);
    let mut next = observation(64, "obs-10", Vec::new());
    (next.version, next.prior) = (2, Some(Row(10)));
    writer.apply(&next, &Prepared::default()).unwrap();
    assert_eq!(index.facts().unwrap().len(), 1, "not published yet");
    writer.publish(Row(65), next.born);
    assert_eq!(index.facts().unwrap(), []);
}

#[test]
fn a_deletion_is_not_found_whatever_its_keys() {
    let effects = stated();
    let (index, mut writer) = index_of(&effects, 64);
    let mut deletion = RowEffect { deleted: true, version: 2, ..effects[4].clone() };
    (deletion.row, deletion.prior) = (Row(64), Some(Row(4)));
    deletion.born = LogTime(2_000_000);
    writer.apply(&deletion, &Prepared::new(95, &deletion.values)).unwrap();
    writer.publish(Row(65), deletion.born);
    let (view, search) = (all(&index), query("status", code("final")));
    // Rows are looked at up to a full page, and counted by words behind it.
    for count in [1, 1000] {
        let page = view.search(&search, &Paging { after: None, count, total: true }).unwrap();
        assert_eq!(page.total, Some(63));
    }
}

#[test]
fn searches_and_histories_end_when_nobody_waits() {
    let effects = stated();
    let chunks = index_of(&effects, 64).0;
    let range = HistoryRange { since: None, before: None, count: 9, total: false };
    let missing = Query { clauses: Vec::new(), ..query("status", code("final")) };
    let (waiting, deadline) = Deadline::new();
    let in_time = all(&chunks).until(deadline.clone());
    assert_eq!(in_time.history(&[], range).unwrap().rows.len(), 9);
    drop(waiting);
    for view in [in_time, all(&chunks).until(deadline)] {
        for search in [&missing, &query("status", code("final"))] {
            for (count, total) in [(1, false), (1000, true)] {
                let page = view.search(search, &Paging { after: None, count, total });
                assert!(matches!(page, Err(IndexError::Late)));
            }
        }
        let all = view.history(&[], range);
        assert!(matches!(all, Err(IndexError::Late)));
        let one = view.history_of(ResourceType::OBSERVATION, "obs-3", range);
        assert!(matches!(one, Err(IndexError::Late)));
        // What is one look is not worth a look at the clock.
        assert!(matches!(view.read(ResourceType::OBSERVATION, "obs-3"), Found::Live(_)));
    }
}

#[test]
fn effects_out_of_order_are_refused_and_change_nothing() {
    let effects = stated();
    let (index, mut writer) = index_of(&effects, 64);
    let fresh = || observation(64, "new", vec![token("code", None, "x")]);
    let taken = observation(63, "new", Vec::new());
    let early = RowEffect { born: LogTime(1), ..fresh() };
    let again = observation(64, "obs-3", Vec::new());
    let wrong = RowEffect { prior: Some(Row(5)), version: 2, ..fresh() };
    for effect in [taken, early, again, wrong] {
        let applied = writer.apply(&effect, &Prepared::default());
        assert!(matches!(applied, Err(IndexError::Order { .. })));
    }
    assert_eq!(writer.next_row(), Row(64));
    writer.apply(&fresh(), &Prepared::new(95, &fresh().values)).unwrap();
    assert!(all(&index).row(Row(64)).is_none(), "not published yet");
}

#[test]
fn a_comparison_with_the_log_finds_what_differs() {
    let effects = stated();
    let (index, _) = index_of(&effects, 64);
    let check = |effects: &[RowEffect]| {
        let mut verifier = index.verifier();
        effects.iter().for_each(|effect| verifier.row(effect).unwrap());
        let report = verifier.finish().unwrap();
        report.differences.into_iter().map(|d| (d.row.0, d.what)).collect::<Vec<_>>()
    };
    assert_eq!(check(&effects), []);
    let with = |row: usize, change: &dyn Fn(&mut RowEffect)| {
        let mut changed = effects.clone();
        change(&mut changed[row]);
        check(&changed)
    };
    let values = |effect: &mut RowEffect, code: &str| {
        let values = std::sync::Arc::make_mut(&mut effect.values);
        values.0.retain(|value| value.param != common::param_of(code));
    };
    let extra = with(7, &|effect| values(effect, "status"));
    assert_eq!(extra, [(7, "values too many of `status`".to_owned())]);
    let more = with(8, &|effect| {
        std::sync::Arc::make_mut(&mut effect.values).0.push(token("category", None, "x"));
    });
    assert_eq!(more, [(8, "missing values of `category`".to_owned())]);
    assert_eq!(with(9, &|effect| effect.policy.labels = 4), [(9, "columns".to_owned())]);
    let facts = with(10, &|effect| effect.facts.clear());
    assert_eq!(facts, [(10, "names, facts or changes".to_owned())]);
    let hole = [&effects[..20], &effects[21..]].concat();
    assert_eq!(check(&hole), [(20, "the log has no resource version here".to_owned())]);
}
