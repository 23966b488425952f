//! Going through the keys of a reference parameter.

use crate::error::IndexError;
use crate::key::{self, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

/// Keys of a tail chunk looked at under one lock.
const STEP: usize = 256;

/// Hands on the rows of every reference to resources of this server that `wanted` names by type
/// and id.
pub(super) fn each(
    view: &View,
    part: &Part,
    param: u16,
    mut visit: impl FnMut(
        u8,
        &str,
        &mut dyn FnMut() -> Result<RowSet, IndexError>,
    ) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    match part {
        Part::Segment(segment) => {
            let (dictionary, blocks) = segment.dictionary();
            dictionary.scan(&key::front(param, tag::LOCAL), blocks, |key, rows| {
                view.check_deadline()?;
                let Some((of, id)) = target(key) else { return Ok(()) };
                visit(of, id, &mut || rows.clone().load(blocks))
            })
        }
        Part::Chunk(chunk) => {
            let places = chunk.keys().links(param).to_vec();
            for step in places.chunks(STEP) {
                view.check_deadline()?;
                let keys = chunk.keys();
                for place in step {
                    if let Some((of, id)) = target(keys.key(*place)) {
                        visit(of, id, &mut || Ok(RowSet::from(keys.rows(*place))))?;
                    }
                }
            }
            Ok(())
        }
    }
}

/// Type and id of the resource that a key names.
fn target(key: &[u8]) -> Option<(u8, &str)> {
    match key {
        [_, _, tag::LOCAL, of, id @ ..] => Some((*of, std::str::from_utf8(id).ok()?)),
        _ => None,
    }
}
