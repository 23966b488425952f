//! Whether the index holds exactly what the log says.

mod contents;

use std::borrow::Cow;
use std::collections::BTreeSet;

use accord_base::Row;
use accord_spec::{ParamId, param_by_id};

use crate::effect::RowEffect;
use crate::error::IndexError;
use crate::index::Index;
use crate::key::{CODE_PARAM, LINK_PARAM, Prepared, TYPE_PARAM, WORD_PARAM, kind_of};
use crate::part::Part;
use crate::row::{NO_ROW, RowMeta};
use crate::snapshot::Snapshot;
use crate::value::{EXTRACTOR_VERSION, Values};

use contents::{Contents, Fold};

/// Most differences that are described; further ones are counted.
const DESCRIBED: usize = 100;

/// Compares the index with the effects of the log, which are given in the order of rows with their
/// values extracted anew. Works on the state at its making; later rows are passed over.
pub struct Verifier {
    snapshot: Snapshot,
    /// Place of the part at hand among the parts, and what it holds.
    part: usize,
    contents: Option<Contents>,
    /// First row not compared yet.
    next: u32,
    report: VerifyReport,
}

/// What a comparison found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VerifyReport {
    /// Resource versions compared.
    pub rows: u64,
    /// Keys and ranges compared.
    pub keys: u64,
    /// Rows that differ.
    pub different: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// A row of which the index holds something else than the log says. Names parameters, no values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The row.
    pub row: Row,
    /// What differs.
    pub what: String,
}

impl Index {
    /// Begins a comparison of the newest published state with the log.
    pub fn verifier(&self) -> Verifier {
        Verifier {
            snapshot: self.snapshot(),
            part: 0,
            contents: None,
            next: 0,
            report: VerifyReport::default(),
        }
    }
}

impl Verifier {
    /// Compares the index with the next effect of the log, of which no words were kept.
    ///
    /// # Errors
    /// Only those of reading segments; differences are in the report.
    pub fn row(&mut self, effect: &RowEffect) -> Result<(), IndexError> {
        let prepared = if effect.deleted {
            Prepared::default()
        } else {
            Prepared::new(effect.resource_type, &effect.values)
        };
        self.row_with(effect, &prepared, &Values::default())
    }

    /// Compares the index with the next effect of the log, the keys that its document gives, none
    /// for a deletion, and its values for the store's own parameters, as far as a part holds those.
    ///
    /// # Errors
    /// Only those of reading segments; differences are in the report.
    pub fn row_with(
        &mut self,
        effect: &RowEffect,
        prepared: &Prepared,
        own: &Values,
    ) -> Result<(), IndexError> {
        if effect.row < Row(self.next) || effect.row >= self.snapshot.watermark() {
            return Ok(());
        }
        self.holes(effect.row.0)?;
        self.next = effect.row.0 + 1;
        let Some((part, local, contents)) = self.at(effect.row.0)? else { return Ok(()) };
        let held = own.0.iter().filter(|value| contents.held.contains(&value.param));
        let held = Values(held.cloned().collect());
        let mut prepared = Cow::Borrowed(prepared);
        if !held.0.is_empty() {
            prepared.to_mut().add(&held);
        }
        let expected = Fold::of(&prepared);
        let mut what = Vec::new();
        columns(&part, local, effect, &mut what);
        if !contents.states(local, effect) {
            what.push("names, facts or changes".to_owned());
        }
        // Values that an earlier release did not keep are missing in what it wrote.
        let older = part.extractor_version().is_some_and(|version| version < EXTRACTOR_VERSION);
        let differs = match older {
            true => contents.fold(local).count > expected.count,
            false => contents.fold(local) != expected,
        };
        if differs {
            what.push(parameters(&contents.keys_of(&part, local)?, &contents::keys(&prepared)));
        }
        if let Some(prior) = effect.prior {
            let (before, place) = (self.snapshot.locate(prior.0), effect.row.0);
            if before.is_none_or(|(part, local)| part.marks().successor(local) != place) {
                what.push("the version before does not know it".to_owned());
            }
        }
        self.report.rows += 1;
        self.report.keys += u64::from(expected.count);
        self.differ(effect.row.0, what);
        Ok(())
    }

    /// Ends the comparison.
    pub fn finish(mut self) -> Result<VerifyReport, IndexError> {
        self.holes(self.snapshot.watermark().0)?;
        Ok(self.report)
    }

    /// Checks that the index holds nothing for the rows from `next` up to `to`.
    fn holes(&mut self, to: u32) -> Result<(), IndexError> {
        for row in self.next..to {
            let Some((part, local, contents)) = self.at(row)? else { continue };
            if part.columns(local).is_some() || contents.fold(local).count > 0 {
                self.differ(row, vec!["the log has no resource version here".to_owned()]);
            }
        }
        self.next = to;
        Ok(())
    }

    /// The part and place of a row, and what the part holds.
    fn at(&mut self, row: u32) -> Result<Option<(Part, u32, &Contents)>, IndexError> {
        let parts = self.snapshot.parts();
        let at = parts.partition_point(|part| part.end() <= row);
        let Some(part) = parts.get(at).cloned() else { return Ok(None) };
        if self.contents.is_none() || self.part != at {
            let mut held = Vec::new();
            for number in self.snapshot.own().numbers() {
                if part.holds(number)? {
                    held.push(number);
                }
            }
            self.contents = Some(Contents::read(&part, held)?);
            self.part = at;
        }
        let local = row - part.first();
        Ok(self.contents.as_ref().map(|contents| (part, local, contents)))
    }

    fn differ(&mut self, row: u32, what: Vec<String>) {
        if what.is_empty() {
            return;
        }
        self.report.different += 1;
        if self.report.differences.len() < DESCRIBED {
            let what = what.join("; ");
            self.report.differences.push(Difference { row: Row(row), what });
        }
    }
}

fn columns(part: &Part, local: u32, effect: &RowEffect, what: &mut Vec<String>) {
    let Some(columns) = part.columns(local) else {
        what.push("the row is missing".to_owned());
        return;
    };
    let same_id = part.with_id(local, |id| id == effect.id.as_str());
    let meta = RowMeta { id_at: columns.meta.id_at, ..RowMeta::of(effect) };
    if !same_id || meta != *columns.meta || columns.policy() != effect.policy {
        what.push("columns".to_owned());
    }
    if part.marks().successor(local) <= effect.row.0 && part.marks().successor(local) != NO_ROW {
        what.push("it is replaced by an earlier row".to_owned());
    }
}

/// Names the parameters whose keys differ.
fn parameters(held: &BTreeSet<Vec<u8>>, expected: &BTreeSet<Vec<u8>>) -> String {
    let codes = |keys: std::collections::btree_set::Difference<'_, Vec<u8>>| {
        let params = keys.filter_map(|key| kind_of(key)).map(|(param, _)| param);
        let codes: BTreeSet<String> = params.map(code).collect();
        codes.into_iter().collect::<Vec<_>>().join(", ")
    };
    let (extra, missing) = (codes(held.difference(expected)), codes(expected.difference(held)));
    match (extra.is_empty(), missing.is_empty()) {
        (true, true) => "keys".to_owned(),
        (true, false) => format!("missing values of {missing}"),
        (false, true) => format!("values too many of {extra}"),
        (false, false) => format!("missing values of {missing}, values too many of {extra}"),
    }
}

fn code(param: u16) -> String {
    if param == TYPE_PARAM {
        return "the type".to_owned();
    }
    if param == LINK_PARAM {
        return "references".to_owned();
    }
    if param == CODE_PARAM {
        return "codes".to_owned();
    }
    if param == WORD_PARAM {
        return "words".to_owned();
    }
    match param_by_id(ParamId(param)) {
        Some(found) => format!("`{}`", found.code),
        None => format!("parameter {param}"),
    }
}
