//! Bitmaps of rows as they stand in the file, and parts of them.

use roaring::RoaringBitmap;

use crate::error::IndexError;

use super::wire::Reader;

/// Reads a bitmap as it stands in the file.
pub(super) fn bitmap(bytes: &[u8]) -> Result<RoaringBitmap, IndexError> {
    // Its block's checksum was compared: what is wrong in it was written so.
    RoaringBitmap::deserialize_unchecked_from(bytes)
        .map_err(|_| IndexError::Corrupt("a bitmap is not one"))
}

/// The containers of a bitmap that hold the rows `from..to`, as a bitmap: what else there is need
/// not be read. `None` if that is all of them, or the bitmap has another form than the usual one
/// (Roaring's portable format: a cookie, the number of containers, for each its key and length,
/// for each its offset, the containers).
pub(super) fn window_of(bytes: &[u8], (from, to): (u32, u32)) -> Option<Vec<u8>> {
    const COOKIE: u32 = 12_346;
    let mut reader = Reader(bytes);
    let (cookie, count) = (reader.u32().ok()?, reader.u32().ok()? as usize);
    if cookie != COOKIE {
        return None;
    }
    let heads: Vec<&[u8]> = reader.take(count.checked_mul(4)?).ok()?.chunks_exact(4).collect();
    let mut offsets = Vec::with_capacity(count + 1);
    for _ in 0..count {
        offsets.push(reader.u32().ok()? as usize);
    }
    offsets.push(bytes.len());
    let key = |head: &&[u8]| head.first_chunk().map_or(0, |key| u16::from_le_bytes(*key));
    let start = heads.partition_point(|head| u32::from(key(head)) < from >> 16);
    let end = heads.partition_point(|head| u32::from(key(head)) <= to.saturating_sub(1) >> 16);
    if end <= start {
        return Some([COOKIE.to_le_bytes(), [0; 4]].concat());
    }
    if end - start == count {
        return None;
    }
    let first = *offsets.get(start)?;
    let containers = bytes.get(first..*offsets.get(end)?)?;
    let mut out = Vec::with_capacity(containers.len() + 8 * (end - start) + 8);
    out.extend_from_slice(&COOKIE.to_le_bytes());
    out.extend_from_slice(&((end - start) as u32).to_le_bytes());
    heads.get(start..end)?.iter().for_each(|head| out.extend_from_slice(head));
    let begin = out.len() + 4 * (end - start);
    for offset in offsets.get(start..end)? {
        out.extend_from_slice(&((begin + offset.checked_sub(first)?) as u32).to_le_bytes());
    }
    out.extend_from_slice(containers);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_window_of_a_bitmap_is_right_within(
            runs in prop::collection::vec((0u32..1_000_000, 1u32..9000), 0..12),
            from in 0u32..1_000_000,
            length in 0u32..300_000,
        ) {
            let mut bits = RoaringBitmap::new();
            runs.iter().for_each(|(at, length)| bits.extend(*at..at + length));
            let mut bytes = Vec::new();
            bits.serialize_into(&mut bytes).unwrap();
            let to = from + length;
            let part = window_of(&bytes, (from, to)).unwrap_or(bytes);
            let mut part = bitmap(&part).unwrap();
            prop_assert!(part.is_subset(&bits));
            for bits in [&mut part, &mut bits] {
                bits.remove_range(..from);
                bits.remove_range(to..);
            }
            prop_assert_eq!(part, bits);
        }
    }
}
