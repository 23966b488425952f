//! Sets of rows by what they hold or refer to, kept while they are asked for.

use std::sync::{Arc, OnceLock};

use accord_spec::{ParamKind, ResourceType, params, params_of};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use crate::error::IndexError;
use crate::key::{self, SearchKey};
use crate::snapshot::Snapshot;

/// Memory for kept sets, in bytes.
const CACHE_BYTES: u64 = 16 << 20;

/// What is asked for, as bytes: a letter for the kind, the type, and what tells it apart.
pub(super) type Asked = SmallVec<[u8; 64]>;

/// Sets asked for lately.
pub(crate) struct Sets(pub(super) Cache<Asked, Arc<Set>, Weight>);

impl Default for Sets {
    fn default() -> Sets {
        Sets(Cache::with_weighter(4096, CACHE_BYTES, Weight))
    }
}

#[derive(Clone)]
pub(super) struct Weight;

impl Weighter<Asked, Arc<Set>> for Weight {
    fn weight(&self, asked: &Asked, set: &Arc<Set>) -> u64 {
        (64 + asked.len() + set.rows.serialized_size()) as u64
    }
}

/// Rows of the whole store.
pub(super) struct Set {
    /// Rows before this one were looked at. There may be later ones in the set.
    pub until: u32,
    pub rows: RoaringBitmap,
}

impl Snapshot {
    /// Every version of a type in which a code stands, dead ones included; perhaps some after the
    /// state.
    pub(super) fn coded(&self, of: u8, system: &str, code: &str) -> Result<Arc<Set>, IndexError> {
        let length = (system.len() as u32).to_be_bytes();
        let asked = asked(&[b"c", &[of], &length, system.as_bytes(), code.as_bytes()]);
        self.set(asked, || {
            let params = token_params(ResourceType(of)).iter();
            params.map(|param| key::system_code(*param, system, code).into()).collect()
        })
    }

    /// Every version that refers to a resource, dead ones included; perhaps some after the state.
    pub(super) fn referring(&self, to: u8, id: &str) -> Result<Arc<Set>, IndexError> {
        self.set(asked(&[b"r", &[to], id.as_bytes()]), || {
            let params = reference_params(ResourceType(to)).iter();
            params.map(|param| key::local(*param, to, id).into()).collect()
        })
    }

    /// The rows that have one of the keys. Postings never change, so that a set that is kept only
    /// wants the rows that came since.
    fn set(
        &self,
        asked: Asked,
        keys: impl FnOnce() -> Vec<SearchKey>,
    ) -> Result<Arc<Set>, IndexError> {
        let (kept, end) = (self.sets().0.get(&asked), self.known());
        let (from, mut rows) = match kept {
            Some(kept) if kept.until >= end => return Ok(kept),
            Some(kept) => (kept.until, kept.rows.clone()),
            None => (0, RoaringBitmap::new()),
        };
        let keys = keys();
        for part in self.parts().iter().filter(|part| part.end() > from && part.first() < end) {
            let first = part.first();
            for key in &keys {
                let found = part.find(key)?.to_vec().into_iter().map(|local| first + local);
                rows.extend(found.filter(|row| (from..end).contains(row)));
            }
        }
        let set = Arc::new(Set { until: end, rows });
        self.sets().0.insert(asked, set.clone());
        Ok(set)
    }
}

/// The name of what is asked for.
pub(super) fn asked(parts: &[&[u8]]) -> Asked {
    let mut asked = Asked::new();
    parts.iter().for_each(|part| asked.extend_from_slice(part));
    asked
}

/// The parameters that read codes of a type, and that of all other codes.
fn token_params(of: ResourceType) -> &'static [u16] {
    static ALL: [OnceLock<Vec<u16>>; 256] = [const { OnceLock::new() }; 256];
    params_by_type(&ALL, of, || {
        let tokens = params_of(of).iter().filter(|param| param.kind == ParamKind::Token);
        tokens.map(|param| param.id.0).chain([key::CODE_PARAM]).collect()
    })
}

/// The parameters that can refer to resources of a type.
pub(crate) fn reference_params(to: ResourceType) -> &'static [u16] {
    static ALL: [OnceLock<Vec<u16>>; 256] = [const { OnceLock::new() }; 256];
    params_by_type(&ALL, to, || {
        let reference = params().iter().filter(|param| param.kind == ParamKind::Reference);
        let fitting = reference.filter(|p| p.targets.is_empty() || p.targets.contains(&to));
        fitting.map(|param| param.id.0).chain([key::LINK_PARAM]).collect()
    })
}

fn params_by_type(
    all: &'static [OnceLock<Vec<u16>>; 256],
    of: ResourceType,
    make: impl FnOnce() -> Vec<u16>,
) -> &'static [u16] {
    let of_type = all.get(usize::from(of.0)).map(|cell| cell.get_or_init(make));
    of_type.map(Vec::as_slice).unwrap_or_default()
}
