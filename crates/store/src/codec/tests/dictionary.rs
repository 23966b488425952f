//! Dictionaries are part of the format.

use crate::StoreError;
use crate::codec::{CURRENT_DICTIONARY, zip};

const PLAIN: &[u8] = br#"{"resourceType":"Observation","status":"final"}"#;

/// Records written with a dictionary can only be read with the same bytes.
#[test]
fn a_released_dictionary_never_changes() {
    let bytes = include_bytes!("../../../data/dictionary-1.zdict");
    assert_eq!((bytes.len(), crc32c::crc32c(bytes)), (65_536, 0xeeea_98df));
}

#[test]
fn parts_open_whatever_dictionary_they_were_written_with() {
    let without = zstd::bulk::compress(PLAIN, 1).unwrap();
    let with = zip::compress(PLAIN, 0).unwrap();
    assert_eq!(zip::dictionary(), CURRENT_DICTIONARY);
    assert!(with.len() < without.len(), "the dictionary helps");
    for _ in 0..2 {
        assert_eq!(zip::decompress(&without, 0).unwrap(), PLAIN);
        assert_eq!(zip::decompress(&with, CURRENT_DICTIONARY).unwrap(), PLAIN);
    }
    assert!(zip::decompress(&with, 0).is_err());
    let unknown = zip::decompress(&with, CURRENT_DICTIONARY + 1);
    assert!(matches!(unknown, Err(StoreError::Dictionary(_))));
}

/// A frame that claims more than a part may hold is refused before memory is asked for.
#[test]
fn a_frame_of_boundless_size_is_refused() {
    let header = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert!(zip::decompress(&header, 0).is_err());
}
