//! Rolls against what they are made from, for `accord check`.

use std::sync::Arc;

use accord_base::Row;
use accord_store::access::{Frames, file_size};
use accord_store::disk::Disk;
use accord_store::roll::{Entry, Roll, RollError, Source};
use accord_store::{Log, decode_record};

use super::follow::{ALWAYS, ROLL_ROWS, Who};
use super::following::first_place;
use super::keys::{AccessKeys, Names};
use crate::{EngineError, Parts};

/// Rows read at a time.
const BATCH: usize = 1024;

/// A sum over entries that does not depend on their order.
#[derive(Default, PartialEq, Eq)]
struct Sum(u64, u128);

impl Sum {
    fn add(&mut self, entry: Entry) {
        let mixed = u128::from(entry.name) << 32 | u128::from(entry.place);
        let mixed = (mixed ^ mixed >> 57).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        self.0 += 1;
        self.1 = self.1.wrapping_add(mixed ^ mixed >> 61);
    }
}

/// Compares every roll, as far as it reaches, with the records; tells of those that differ. A
/// roll that is missing or ends early is no fault: it is made when needed.
///
/// # Errors
/// If records cannot be read.
pub(crate) fn compare(parts: &Parts, fault: &mut dyn FnMut(String)) -> Result<(), EngineError> {
    let maker = Maker {
        keys: AccessKeys::new(&parts.store_key),
        names: Names::new(&parts.store_key),
        disk: &parts.disk,
        log: &*parts.log,
    };
    let mut number = 0;
    while let Some(end) = file_size(parts.disk.as_ref(), number)? {
        maker.compare(Source::Stream, number, end, fault)?;
        number += 1;
    }
    let end = parts.log.end()?.0;
    (0..=end / ROLL_ROWS).try_for_each(|number| maker.compare(Source::Log, number, end, fault))
}

struct Maker<'a> {
    keys: AccessKeys,
    names: Names,
    disk: &'a Arc<dyn Disk>,
    log: &'a dyn Log,
}

impl Maker<'_> {
    fn compare(
        &self,
        source: Source,
        number: u32,
        end: u32,
        fault: &mut dyn FnMut(String),
    ) -> Result<(), EngineError> {
        let roll = Roll::open(self.disk, source, number)?;
        let Some(covered) = roll.covered() else { return Ok(()) };
        let mut differs = |what| {
            fault(format!("list {number} of the access records in the {}: {what}", of(source)));
        };
        if covered > end || roll.begins() != Some(first_place(source, number)) {
            differs("it speaks of records that are not there");
            return Ok(());
        }
        let mut said = Sum::default();
        match roll.each(ALWAYS, &mut |entry| said.add(entry)) {
            Err(RollError::Damaged(_)) => {
                differs("a checksum is wrong");
                return Ok(());
            }
            read => read?,
        }
        let found = match source {
            Source::Stream => self.stream(number, covered)?,
            Source::Log => self.log(number, covered)?,
        };
        if said != found {
            differs("it is not what the records say");
        }
        Ok(())
    }

    fn stream(&self, number: u32, end: u32) -> Result<Sum, EngineError> {
        let mut sum = Sum::default();
        let mut frames = Frames::between(self.disk.as_ref(), number, Frames::FIRST, end)?;
        while let Some(placed) = frames.step()? {
            self.add(placed.sealed, placed.at, &mut sum)?;
        }
        Ok(sum)
    }

    /// Every row is looked at, whatever transactions say of themselves.
    fn log(&self, number: u32, end: u32) -> Result<Sum, EngineError> {
        let (mut sum, mut next) = (Sum::default(), Row(first_place(Source::Log, number)));
        while next.0 < end {
            let records = self.log.scan(next, BATCH)?;
            let Some((last, _)) = records.last() else { break };
            next = last.next();
            for (row, bytes) in records.iter().filter(|(row, _)| row.0 < end) {
                if let Some(sealed) = decode_record(bytes)?.access() {
                    self.add(sealed, row.0, &mut sum)?;
                }
            }
        }
        Ok(sum)
    }

    fn add(&self, sealed: &[u8], place: u32, sum: &mut Sum) -> Result<(), EngineError> {
        let record = self.keys.open(sealed)?;
        let entries = Who::entries_of(&self.names, &record.patients, place);
        entries.into_iter().for_each(|entry| sum.add(entry));
        Ok(())
    }
}

fn of(source: Source) -> &'static str {
    match source {
        Source::Stream => "stream",
        Source::Log => "log",
    }
}
