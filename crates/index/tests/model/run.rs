//! Runs a life on the index, and asks index and oracle the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_access::Scope;
use accord_base::{LogTime, NameSpace, ResourceId, Row};
use accord_index::{
    BlockCache, Change, Found, HORIZON_US, HistoryRange, Index, IndexError, NewName, Paging,
    Prepared, RowChange, RowEffect, RowRef, Segment, Snapshot, Tiers, Values, View, Writer,
};
use accord_query::Query;
use proptest::sample;

use crate::oracle::State;
use crate::world::{IDS, Op, TYPES, scopes};

const CHUNK_ROWS: u32 = 64;

/// An index and the same store as a list of effects.
pub struct Store {
    index: Index,
    writer: Writer,
    cache: BlockCache,
    /// Segment files by their first row.
    files: BTreeMap<u32, Vec<u8>>,
    effects: Vec<RowEffect>,
    next: u32,
    now: u64,
    change: Option<(usize, Change)>,
    /// Snapshots taken on the way, with their watermark and instant.
    taken: Vec<(Snapshot, u32, LogTime)>,
}

impl Store {
    pub fn new() -> Store {
        let (index, writer) = Index::open(Vec::new(), CHUNK_ROWS).unwrap();
        let taken = vec![(index.snapshot(), 0, LogTime(0))];
        // A cache too small for everything, so that blocks are read more than once.
        let cache = BlockCache::new(30_000);
        let (files, effects, change) = (BTreeMap::new(), Vec::new(), None);
        Store { index, writer, cache, files, effects, next: 0, now: 1000, change, taken }
    }

    pub fn act(&mut self, op: Op) {
        match op {
            Op::Put { resource_type, id, policy, values } => {
                let (version, prior) = self.succeed(resource_type.0, &id);
                let row = Row(self.next);
                let change = self.change.take().filter(|_| self.next > 0);
                let changes = change
                    .map(|(at, change)| RowChange { row: Row(at as u32 % self.next), change });
                let new = format!("name-{}", self.next);
                let ordinal = self.writer.next_ordinal(NameSpace::Actor);
                self.apply(RowEffect {
                    row,
                    born: LogTime(self.now),
                    resource_type: resource_type.0,
                    id: ResourceId::new(&id).unwrap(),
                    version,
                    deleted: false,
                    put: false,
                    prior,
                    policy,
                    names: vec![NewName { space: NameSpace::Actor, ordinal, name: new }],
                    facts: Vec::new(),
                    values,
                    changes: changes.into_iter().collect(),
                });
            }
            Op::Delete { resource_type, id } => {
                let whole = State::new(&self.effects, u32::MAX);
                let Some(last) = whole.newest(resource_type.0, &id).filter(|e| !e.deleted) else {
                    return;
                };
                let effect = RowEffect {
                    row: Row(self.next),
                    born: LogTime(self.now),
                    version: last.version + 1,
                    deleted: true,
                    put: false,
                    prior: Some(last.row),
                    policy: whole.policy(last),
                    values: Arc::new(Values::default()),
                    names: Vec::new(),
                    changes: Vec::new(),
                    ..last.clone()
                };
                self.apply(effect);
            }
            Op::Hole => {
                self.writer.skip(Row(self.next));
                self.next += 1;
            }
            Op::Change(at, change) => self.change = Some((at, change)),
            Op::Publish(pause) => self.publish(pause),
            Op::Seal => self.seal(),
            Op::Merge(ratio) => self.merge(ratio),
            Op::Reopen => self.reopen(),
        }
    }

    fn succeed(&self, resource_type: u8, id: &str) -> (u32, Option<Row>) {
        let whole = State::new(&self.effects, u32::MAX);
        match whole.newest(resource_type, id) {
            Some(last) => (last.version + 1, Some(last.row)),
            None => (1, None),
        }
    }

    fn apply(&mut self, effect: RowEffect) {
        let prepared = prepared(&effect);
        self.writer.apply(&effect, &prepared).unwrap();
        self.effects.push(effect);
        self.next += 1;
    }

    fn publish(&mut self, pause: u64) {
        self.writer.publish(Row(self.next), LogTime(self.now));
        self.taken.push((self.index.snapshot(), self.next, LogTime(self.now)));
        self.now += 1 + pause;
    }

    fn seal(&mut self) {
        while let Some(chunk) = self.index.frozen() {
            let mut file = Vec::new();
            chunk.write_segment(&mut file).unwrap();
            let segment = Segment::open(Arc::new(file.clone()), &self.cache).unwrap();
            self.index.install(segment).unwrap();
            self.files.insert(chunk.first(), file);
        }
        assert!(self.index.unsealed_chunks() <= 2);
    }

    fn merge(&mut self, ratio: u32) {
        let Some(merge) = self.index.due_merge(Tiers { ratio, most_chunks: 8 }) else { return };
        let mut file = Vec::new();
        merge.write(&mut file).unwrap();
        merge.check(&file).unwrap();
        let segment = merge.open(Arc::new(file.clone()), &self.cache).unwrap();
        self.index.install_merged(&merge, segment).unwrap();
        self.files
            .retain(|first, _| !(merge.first()..merge.first() + merge.rows()).contains(first));
        self.files.insert(merge.first(), file);
    }

    fn reopen(&mut self) {
        self.publish(0);
        let open = |file: &Vec<u8>| Segment::open(Arc::new(file.clone()), &self.cache).unwrap();
        let (index, mut writer) =
            Index::open(self.files.values().map(open).collect(), CHUNK_ROWS).unwrap();
        let sealed = writer.next_row();
        for effect in self.effects.iter().filter(|effect| effect.row >= sealed) {
            writer.apply(effect, &prepared(effect)).unwrap();
        }
        let (_, watermark, t) = self.taken.last().unwrap();
        writer.publish(Row(*watermark), *t);
        (self.index, self.writer) = (index, writer);
    }

    fn state(&self, watermark: u32) -> State<'_> {
        State::new(&self.effects, watermark)
    }

    /// Checks the states of every snapshot taken, seen afresh through the instant where possible.
    pub fn check_search(&self, query: &Query, count: usize, when: sample::Index) {
        let (taken, watermark, t) = when.get(&self.taken);
        let state = self.state(*watermark);
        for (name, scope) in scopes() {
            let expect: Vec<u32> = state.search(query, &scope).iter().map(|e| e.row.0).collect();
            let held = pages(&View::new(taken.clone(), scope.clone()), query, count);
            assert_eq!(held, expect, "{name} {query:?}");
            if let Some(again) = self.snapshot_at(*t) {
                let published = self.taken.last().map(|(_, watermark, _)| *watermark).unwrap();
                let expect = State { known: published, ..state }.search(query, &scope);
                let expect: Vec<u32> = expect.iter().map(|effect| effect.row.0).collect();
                assert_eq!(pages(&View::new(again, scope), query, count), expect, "{name}");
            }
        }
        // The writer sees what is not published yet.
        let view = self.writer.view(Scope::system("test"));
        let expect = self.state(u32::MAX).search(query, &Scope::system("test"));
        let expect: Vec<u32> = expect.iter().map(|effect| effect.row.0).collect();
        assert_eq!(pages(&view, query, count), expect);
    }

    fn snapshot_at(&self, t: LogTime) -> Option<Snapshot> {
        let last = self.taken.last().map(|(_, watermark, newest)| (*watermark, *newest));
        let (published, newest) = last.unwrap();
        let later = self.effects.iter().find(|e| e.born > t && e.row.0 < published);
        let superseded = later.map_or(newest, |effect| effect.born);
        match self.index.snapshot_at(t) {
            Ok(snapshot) => {
                assert!(newest.0 - superseded.0 <= HORIZON_US);
                Some(snapshot)
            }
            Err(IndexError::Gone(_)) => {
                assert!(newest.0 - superseded.0 > HORIZON_US);
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads, versions and histories at the last few snapshots.
    pub fn check_documents(&self) {
        for (snapshot, watermark, _) in self.taken.iter().rev().step_by(7).take(6) {
            for (_, scope) in scopes() {
                let view = View::new(snapshot.clone(), scope);
                let state = self.state(*watermark);
                self.check_ids(&view, state);
                check_histories(&view, state);
            }
        }
    }

    fn check_ids(&self, view: &View, state: State<'_>) {
        for (resource_type, id) in TYPES.iter().flat_map(|t| IDS.iter().map(move |id| (*t, *id))) {
            let newest = state.newest(resource_type.0, id);
            let admitted = newest.filter(|newest| state.admits(view.scope(), newest));
            match (view.read(resource_type, id), admitted) {
                (Found::Absent, None) => {}
                (Found::Live(row), Some(effect)) => same(row, effect, state),
                (Found::Deleted(row), Some(effect)) if effect.deleted => same(row, effect, state),
                _ => panic!("{resource_type:?}/{id}"),
            }
            let all = state.all().filter(|e| e.resource_type == resource_type.0);
            let versions = all.filter(|e| e.id.as_str() == id).collect::<Vec<_>>();
            for version in 0..versions.len() as u32 + 2 {
                let expect = versions.iter().find(|effect| effect.version == version);
                let expect = expect.filter(|effect| state.visible(view.scope(), effect));
                let found = view.version(resource_type, id, version);
                assert_eq!(found.map(|row| row.row()), expect.map(|effect| effect.row));
            }
            let range = HistoryRange { since: None, before: None, count: 100, total: true };
            let history = view.history_of(resource_type, id, range).unwrap();
            assert_eq!(history.is_some(), admitted.is_some());
            if let Some(page) = history {
                let visible = versions.iter().filter(|e| state.visible(view.scope(), e)).rev();
                let expect: Vec<Row> = visible.map(|effect| effect.row).collect();
                assert_eq!(page.total, Some(expect.len() as u64));
                assert_eq!(page.rows.iter().map(RowRef::row).collect::<Vec<_>>(), expect);
            }
        }
    }

    pub fn verify(&self) {
        let mut verifier = self.index.verifier();
        for effect in &self.effects {
            verifier.row(effect).unwrap();
        }
        let report = verifier.finish().unwrap();
        assert_eq!(report.differences, []);
    }
}

fn prepared(effect: &RowEffect) -> Prepared {
    if effect.deleted {
        return Prepared::default();
    }
    Prepared::new(effect.resource_type, &effect.values)
}

fn same(row: RowRef<'_>, effect: &RowEffect, state: State<'_>) {
    assert_eq!(row.row(), effect.row);
    assert_eq!(row.id(), effect.id.as_str());
    assert_eq!((row.version(), row.deleted()), (effect.version, effect.deleted));
    assert_eq!((row.born(), row.prior()), (effect.born, effect.prior));
    assert_eq!(row.policy(), state.policy(effect));
}

/// All matches, page by page.
fn pages(view: &View, query: &Query, count: usize) -> Vec<u32> {
    let (mut rows, mut after, mut total) = (Vec::new(), None, None);
    loop {
        let page = view.search(query, &Paging { after, count, total: true }).unwrap();
        assert!(page.rows.len() <= count);
        assert!(total.is_none_or(|total| Some(total) == page.total));
        let bare = Paging { after: None, count, total: false };
        if rows.is_empty() {
            let bare = view.search(query, &bare).unwrap();
            assert!(bare.rows.iter().map(RowRef::row).eq(page.rows.iter().map(RowRef::row)));
            assert_eq!((bare.total, bare.next), (None, page.next.clone()));
        }
        total = page.total;
        rows.extend(page.rows.iter().map(|row| row.row().0));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(total, Some(rows.len() as u64));
    rows
}

fn check_histories(view: &View, state: State<'_>) {
    for types in [&[][..], &TYPES[..1], &TYPES[1..3]] {
        let since = state.all().nth(20).map(|effect| effect.born);
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let range = HistoryRange { since, before, count: 9, total: false };
            let page = view.history(types, range).unwrap();
            rows.extend(page.rows.iter().map(RowRef::row));
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        let all = state.all().rev().filter(|e| since.is_none_or(|since| e.born >= since));
        let of_types =
            all.filter(|e| types.is_empty() || types.iter().any(|t| t.0 == e.resource_type));
        let visible = of_types.filter(|effect| state.visible(view.scope(), effect));
        assert_eq!(rows, visible.map(|effect| effect.row).collect::<Vec<_>>());
    }
}
