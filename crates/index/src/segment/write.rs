//! Writing a chunk as a segment file.

use std::io::{self, Write};

use crate::hash::filter_hash;
use crate::set::RowSet;
use crate::tail::{Chunk, Keys};
use crate::value::EXTRACTOR_VERSION;

use super::columns::ColumnsWriter;
use super::dictionary_writer::DictionaryWriter;
use super::filter::Filter;
use super::format::{FileWriter, Header};
use super::range_writer::write_column;
use super::ranges::RangeRow;
use super::sort::sort_keys;
use super::stated::{put_change, put_fact, put_name};

impl Chunk {
    /// Writes the chunk as a segment file, front to back. The caller syncs and names the file,
    /// opens it with [`Segment::open`](crate::Segment::open) and installs it. The chunk must be
    /// full, as those from [`Index::frozen`](crate::Index::frozen) are.
    pub fn write_segment(&self, out: &mut dyn Write) -> io::Result<()> {
        let (columns, first_time, last_time) = self.encode_columns();
        let header = Header {
            extractor: EXTRACTOR_VERSION,
            chunk_rows: self.rows(),
            first: self.first(),
            rows: self.rows(),
            first_time,
            last_time,
        };
        let mut file = FileWriter::new(out, &header)?;
        file.section(&columns.rows)?;
        file.section(&columns.ids)?;
        file.section(&columns.lists)?;
        self.write_stated(&mut file)?;
        let keys = self.keys();
        let filter = write_postings(&mut file, &keys)?;
        write_ranges(&mut file, &keys)?;
        file.section(&filter.encode())?;
        file.finish()
    }

    fn encode_columns(&self) -> (ColumnsWriter, u64, u64) {
        let mut columns = ColumnsWriter::default();
        let (mut first_time, mut born) = (0, 0);
        for local in 0..self.rows() {
            match (self.row(local), self.columns(local)) {
                (Some(row), Some(of_row)) => {
                    born = row.meta.born;
                    first_time = if first_time == 0 { born } else { first_time };
                    columns.row(local, of_row, &row.id);
                }
                _ => columns.hole(born),
            }
        }
        (columns, first_time, born)
    }

    fn write_stated(&self, file: &mut FileWriter<'_>) -> io::Result<()> {
        let stated = self.stated();
        let mut bytes = Vec::new();
        stated.names.iter().for_each(|(local, name)| put_name(&mut bytes, *local, name));
        file.section(&bytes)?;
        bytes.clear();
        stated.facts.iter().for_each(|(local, fact)| put_fact(&mut bytes, *local, fact));
        file.section(&bytes)?;
        bytes.clear();
        stated.changes.iter().for_each(|(local, change)| put_change(&mut bytes, *local, change));
        file.section(&bytes)
    }
}

/// Writes the sections of postings and gives the filter over their keys.
fn write_postings(file: &mut FileWriter<'_>, keys: &Keys) -> io::Result<Filter> {
    let mut places: Vec<u32> = (0..keys.len() as u32).collect();
    sort_keys(&mut places, 0, &|place| keys.key(place));
    file.begin();
    let mut writer = DictionaryWriter::default();
    let mut filter = Filter::new(places.len());
    for place in places {
        let key = keys.key(place);
        filter.add(filter_hash(key));
        writer.add(file, key, &RowSet::from(keys.rows(place)))?;
    }
    let index = writer.finish(file)?;
    file.section(&index)?;
    Ok(filter)
}

fn write_ranges(file: &mut FileWriter<'_>, keys: &Keys) -> io::Result<()> {
    let mut columns: Vec<_> = keys.ranges().collect();
    columns.sort_unstable_by_key(|(key, _)| *key);
    file.begin();
    let mut index = Vec::new();
    for (key, column) in columns {
        let rows = column.iter().map(|(low, high, row)| RangeRow { low, high, row: row.into() });
        write_column(file, &mut index, key, &rows.collect::<Vec<_>>())?;
    }
    file.section(&index)
}
