use std::sync::Arc;

use proptest::prelude::*;

use super::dictionary::Dictionary;
use super::dictionary_writer::DictionaryWriter;
use super::format::{Extent, FileWriter, Header, Layout, Section};
use super::source::BlockCache;
use super::{BlockReader, read_section};
use crate::set::RowSet;

const HEADER: Header =
    Header { extractor: 1, chunk_rows: 64, first: 0, rows: 64, first_time: 0, last_time: 0 };

/// A file with nothing but postings, and their reader.
fn write(keys: &[(Vec<u8>, Vec<u32>)]) -> (Dictionary, BlockReader) {
    let mut bytes: Vec<u8> = Vec::new();
    let mut file = FileWriter::new(&mut bytes, &HEADER).unwrap();
    (1..7).for_each(|_| file.section(&[]).unwrap());
    file.begin();
    let mut writer = DictionaryWriter::default();
    for (key, rows) in keys {
        writer.add(&mut file, key, &RowSet::Few(rows.clone())).unwrap();
    }
    let index = writer.finish(&mut file).unwrap();
    file.section(&index).unwrap();
    (9..=11).for_each(|_| file.section(&[]).unwrap());
    file.finish().unwrap();
    let (header, layout) = Layout::read(&bytes).unwrap();
    assert_eq!(header, HEADER);
    let extent = |section| -> Extent { layout.of(section) };
    let index = read_section(&bytes, extent(Section::PostingIndex)).unwrap();
    let dictionary = Dictionary::decode(&index, extent(Section::Postings)).unwrap();
    let cache = BlockCache::new(1 << 16);
    (dictionary, BlockReader { number: cache.register(), source: Arc::new(bytes), cache })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Few letters and many keys, so that keys share fronts and blocks end everywhere.
    #[test]
    fn every_key_is_found_and_no_other(
        keys in prop::collection::btree_map("[ab]{0,12}|[ab]{60,90}", 0u32..60, 1..900),
        absent in prop::collection::vec("[ab]{0,13}|c", 50),
    ) {
        let rows = |count: u32| (0..=count).map(|row| row * 3).collect::<Vec<u32>>();
        let list: Vec<_> =
            keys.iter().map(|(key, count)| (key.clone().into_bytes(), rows(*count))).collect();
        let (dictionary, blocks) = write(&list);
        for (key, rows) in &list {
            let found = dictionary.find(key, &blocks).unwrap().unwrap();
            prop_assert_eq!(found.count(), rows.len() as u64);
            prop_assert_eq!(&found.load(&blocks, (0, 1000)).unwrap().to_vec(), rows);
        }
        for key in &absent {
            let found = dictionary.find(key.as_bytes(), &blocks).unwrap();
            prop_assert_eq!(found.is_some(), keys.contains_key(key));
        }
        for prefix in absent.iter().chain([&String::new()]).take(20) {
            let mut scanned = Vec::new();
            dictionary.scan(prefix.as_bytes(), &blocks, |key, rows| {
                scanned.push((key.to_vec(), rows.load(&blocks, (0, 1000))?.to_vec()));
                Ok(())
            }).unwrap();
            let expect = list.iter().filter(|(key, _)| key.starts_with(prefix.as_bytes()));
            prop_assert!(scanned.iter().eq(expect));
        }
    }
}
