//! What depends on a resource: what refers to it, what of the same patient refers to that, and so
//! on (FHIR R4 Consent.provision.data.meaning `dependents`).

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use accord_access::consent::Target;
use accord_base::PatientOrd;
use accord_spec::ResourceType;
use roaring::RoaringBitmap;

use crate::error::IndexError;
use crate::extract::passes_labels;
use crate::part::locate;
use crate::row::NO_ROW;
use crate::snapshot::Snapshot;

use super::sets::{Set, asked};

/// Most rows that are followed; of what more depend on it cannot be told.
const MOST: u64 = 1 << 16;

impl Snapshot {
    /// Every version before `end` that depends on a resource: by what it refers to itself, and by
    /// what those refer to then that name the person. `None` if there are too many.
    pub(super) fn dependents(
        &self,
        of: &Target,
        person: &[PatientOrd],
        end: u32,
    ) -> Result<Option<Arc<Set>>, IndexError> {
        let people: Vec<u8> = person.iter().flat_map(|p| p.0.to_be_bytes()).collect();
        let length = (people.len() as u32).to_be_bytes();
        let of_type = [of.resource_type.0];
        let asked = asked(&[b"d", &length, &people, &of_type, of.id.as_bytes()]);
        // One more row may make others depend on it, or end that.
        if let Some(kept) = self.sets().0.get(&asked).filter(|kept| kept.until == end) {
            return Ok(Some(kept));
        }
        let mut rows = RoaringBitmap::new();
        let mut queue = VecDeque::from([(of.resource_type.0, of.id.clone())]);
        let mut seen: HashSet<(u8, String)> = queue.iter().cloned().collect();
        while let Some((kind, id)) = queue.pop_front() {
            for row in self.referring(kind, &id)?.rows.iter().take_while(|row| *row < end) {
                rows.insert(row);
                let next = self.passes_on(row, person, end).filter(|next| !seen.contains(next));
                if let Some(next) = next {
                    seen.insert(next.clone());
                    queue.push_back(next);
                }
            }
            if rows.len() > MOST {
                return Ok(None);
            }
        }
        let set = Arc::new(Set { until: end, rows });
        self.sets().0.insert(asked, set.clone());
        Ok(Some(set))
    }

    /// The resource of a row, if it is its newest content then, about the person, and no person
    /// or group: nearly everything refers to those.
    fn passes_on(&self, row: u32, person: &[PatientOrd], end: u32) -> Option<(u8, String)> {
        let (part, local) = locate(self.parts(), row)?;
        let kind = part.columns(local)?.meta.resource_type;
        if self.content_before(end, row)? != row || !passes_labels(ResourceType(kind)) {
            return None;
        }
        let policy = self.policy(part, local)?;
        let id = part.with_id(local, str::to_owned);
        policy.patients.iter().any(|p| person.contains(p)).then_some((kind, id))
    }

    /// The newest version before `end` of the resource whose version stands in `row`, that has
    /// content: a deletion says what was deleted.
    pub(super) fn content_before(&self, end: u32, row: u32) -> Option<u32> {
        let mut newest = row;
        loop {
            let (part, local) = locate(self.parts(), newest)?;
            let next = part.marks().successor(local);
            if next >= end {
                let meta = part.columns(local)?.meta;
                return match meta.deleted() {
                    true => (meta.prior != NO_ROW).then_some(meta.prior),
                    false => Some(newest),
                };
            }
            newest = next;
        }
    }
}
