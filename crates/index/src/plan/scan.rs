//! Going through the keys of a parameter.

use crate::error::IndexError;
use crate::key::{self, Slot, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

use super::evaluate::WHOLE;

/// Keys of a tail chunk looked at under one lock.
const STEP: usize = 256;

/// Reads the rows of the key at hand.
pub(super) type Load<'a> = &'a mut dyn FnMut() -> Result<RowSet, IndexError>;

/// Hands every key of a parameter and kind on, with what reads its rows: in order in a segment, in
/// any order in the tail. Of what is contained, and of parts, others may be among them.
pub(super) fn each(
    view: &View,
    part: &Part,
    (slot, kind): (impl Into<Slot>, u8),
    visit: impl FnMut(&[u8], Load<'_>) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    let slot = slot.into();
    let listing = (slot.param(), slot.listing(kind));
    beginning(view, part, listing, &key::front(slot, kind), visit)
}

/// The same for keys that begin so; others of the parameter and kind may be among them.
pub(super) fn beginning(
    view: &View,
    part: &Part,
    (param, kind): (u16, u8),
    front: &[u8],
    mut visit: impl FnMut(&[u8], Load<'_>) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    match part {
        Part::Segment(segment) => {
            let (dictionary, blocks) = segment.dictionary();
            dictionary.scan(front, blocks, |key, rows| {
                view.check_deadline()?;
                visit(key, &mut || rows.load(blocks, WHOLE))
            })
        }
        Part::Chunk(chunk) => {
            let places: Vec<u32> = match kind {
                tag::TEXT => chunk.keys().texts(front).flatten().copied().collect(),
                kind => chunk.keys().listed(param, kind).to_vec(),
            };
            for step in places.chunks(STEP) {
                view.check_deadline()?;
                let keys = chunk.keys();
                for place in step {
                    visit(keys.key(*place), &mut || Ok(RowSet::from(keys.rows(*place))))?;
                }
            }
            Ok(())
        }
    }
}

/// The same for references to resources of this server, by type and id.
pub(super) fn targets(
    view: &View,
    part: &Part,
    param: u16,
    mut visit: impl FnMut(u8, &str, Load<'_>) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    each(view, part, (param, tag::LOCAL), |key, rows| match target(key) {
        Some((of, id)) => visit(of, id, rows),
        None => Ok(()),
    })
}

/// Type and id of the resource that a key names.
pub(super) fn target(key: &[u8]) -> Option<(u8, &str)> {
    match key {
        [_, _, tag::LOCAL, of, id @ ..] => Some((*of, std::str::from_utf8(id).ok()?)),
        _ => None,
    }
}
