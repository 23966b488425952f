//! `_contained` and `_containedType` (FHIR R4 search §3.1.1.5.5).

use accord_spec::ParamId;

use super::Reader;
use super::fault::{Fault, cut};
use crate::query::{Clause, Contained, SortKey, Target, Test};

/// The value of `_contained`.
pub(super) fn which(value: &str) -> Result<Contained, Fault> {
    match value {
        "false" => Ok(Contained::Outside),
        "true" => Ok(Contained::Inside),
        "both" => Ok(Contained::Both),
        other => {
            let text = format!("`_contained` is `true`, `false` or `both`, not `{}`", cut(other));
            Err(Fault::value(text))
        }
    }
}

/// The value of `_containedType`: whether contained resources come by themselves.
pub(super) fn is_alone(value: &str) -> Result<bool, Fault> {
    match value {
        "container" => Ok(false),
        "contained" => Ok(true),
        other => {
            let text =
                format!("`_containedType` is `container` or `contained`, not `{}`", cut(other));
            Err(Fault::value(text))
        }
    }
}

impl Reader<'_> {
    /// Refuses what is not known of contained resources, where these are looked for.
    pub(super) fn check_contained(&mut self) {
        if self.query.contained == Contained::Outside {
            // It says how contained resources come, and none do.
            self.query.alone = false;
            return;
        }
        let own = |id: ParamId| self.context.own.by_id(id).filter(|_| id.is_own());
        let refused = self.query.clauses.iter().find_map(|clause| match unknown(clause) {
            Some(Unknown::Named(name)) => Some(name.to_owned()),
            Some(Unknown::Param(id)) => own(id).map(|param| param.code.to_owned()),
            None => None,
        });
        let by_value = |key: &SortKey| !matches!(key, SortKey::LastUpdated);
        let sorted = self.query.sort.iter().any(|sort| by_value(&sort.key)).then_some("_sort");
        let included = self.query.includes.first().map(|include| include.name());
        let rest = sorted.or(included).map(str::to_owned);
        if let Some(name) = refused.or(rest) {
            let text = format!("`{name}` does not go together with `_contained`");
            self.report(Fault::refused(text), "_contained");
        }
    }
}

/// What contained resources are not asked by.
enum Unknown<'a> {
    Named(&'a str),
    Param(ParamId),
}

fn unknown(clause: &Clause) -> Option<Unknown<'_>> {
    match (clause.target, &clause.test) {
        (Target::Referrer(_), Test::Chain(chain)) => Some(Unknown::Named(&chain.name)),
        (Target::Referrer(_), _) => Some(Unknown::Named("_has")),
        (Target::Narrative, _) => Some(Unknown::Named("_text")),
        (Target::Content, _) => Some(Unknown::Named("_content")),
        (Target::Param(id), _) if id.is_own() => Some(Unknown::Param(id)),
        _ => None,
    }
}
