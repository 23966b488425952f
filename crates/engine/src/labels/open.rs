//! Labels of a store that is opened: its rules, read from their documents, and its unfinished job.

use std::sync::Arc;

use accord_access::label::rules::{self, RuleSet};
use accord_base::{NameSpace, OrgOrd, Row};
use accord_index::Index;
use accord_spec::ResourceType;
use accord_store::{KeyRing, Log, decode_record};
use parking_lot::{Mutex, RwLock};

use super::due::Due;
use super::{DUE, Labels};
use crate::EngineError;
use crate::replay::served;

impl Labels {
    /// Reads the rules in force, and what is left of a job; `end` is where the log ends.
    ///
    /// # Errors
    /// If a rule cannot be read: nothing could be labelled rightly.
    pub fn open(
        log: Arc<dyn Log>,
        keys: &KeyRing,
        index: &Index,
        end: Row,
    ) -> Result<Labels, EngineError> {
        let rules = rules_in_force(&*log, keys, index)?;
        let kept = log.meta(DUE)?.unwrap_or_default();
        let due = Due::decode(&kept, end)
            .ok_or(EngineError::Damaged("what labels are due cannot be read"))?;
        index.set_unsettled(due.labels);
        Ok(Labels {
            log,
            index: index.clone(),
            rules: RwLock::new(Arc::new(rules)),
            due: Mutex::new(due),
            changed: Default::default(),
            raised: Default::default(),
            #[cfg(test)]
            stopped: Default::default(),
        })
    }
}

fn rules_in_force(log: &dyn Log, keys: &KeyRing, index: &Index) -> Result<RuleSet, EngineError> {
    const UNREADABLE: EngineError = EngineError::Damaged("a label rule cannot be read");
    let mut set = RuleSet::default();
    let Some(of_rules) = ResourceType::from_name("PlanDefinition") else { return Ok(set) };
    let upkeep = index.upkeep();
    for row in upkeep.current(of_rules)? {
        let bytes = log.read(row)?.ok_or(UNREADABLE)?;
        let Some(tape) = served(&decode_record(&bytes)?, keys)? else { continue };
        let found = rules::read(tape.root()).map_err(|_| UNREADABLE)?;
        if found.is_empty() {
            continue;
        }
        let labels = upkeep.row(row).ok_or(UNREADABLE)?;
        let controller = match labels.controller {
            OrgOrd::COMMONS => String::new(),
            OrgOrd(ordinal) => index.name(NameSpace::Organization, ordinal).ok_or(UNREADABLE)?,
        };
        set = set.with(&upkeep.id(row), &controller, found);
    }
    Ok(set)
}
