//! What keys belong to.

use super::tag;

/// Bytes in front of the body of a key: parameter and kind.
const PLAIN: usize = 3;
/// Of a part: parameter, `PART`, component, kind, item.
const OF_PART: usize = 9;

/// A parameter; or, of a composite one, a component of one of the items that it looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    param: u16,
    /// Component and item.
    part: Option<(u8, u32)>,
}

impl From<u16> for Slot {
    fn from(param: u16) -> Slot {
        Slot { param, part: None }
    }
}

impl Slot {
    /// A component of an item.
    pub fn part(param: u16, component: u8, item: u32) -> Slot {
        Slot { param, part: Some((component, item)) }
    }

    /// Appends the front of a key; gives the place where what may be cut begins.
    pub(super) fn begin(self, bytes: &mut Vec<u8>, kind: u8) -> usize {
        bytes.extend_from_slice(&self.param.to_be_bytes());
        let at = bytes.len() + 1;
        match self.part {
            None => bytes.push(kind),
            Some((component, item)) => {
                bytes.extend_from_slice(&[tag::PART, component, kind]);
                bytes.extend_from_slice(&item.to_be_bytes());
            }
        }
        at
    }
}

/// The parameter and kind of a key.
pub(crate) fn kind_of(key: &[u8]) -> Option<(u16, u8)> {
    match key {
        [high, low, tag, ..] => Some((u16::from_be_bytes([*high, *low]), *tag)),
        _ => None,
    }
}

/// What kind of value a key stands for, of a part as well.
pub(crate) fn value_kind(key: &[u8]) -> Option<u8> {
    match key {
        [_, _, tag::PART, _, kind, ..] => Some(*kind),
        [_, _, kind, ..] => Some(*kind),
        _ => None,
    }
}

/// What stands behind the front of a key.
pub(super) fn body(key: &[u8]) -> &[u8] {
    let front = if key.get(2) == Some(&tag::PART) { OF_PART } else { PLAIN };
    key.get(front..).unwrap_or_default()
}

/// Whether keys of this kind are there only since parts are kept. What has an identifier alone
/// counted as missing before.
pub(crate) fn needs_parts(key: &[u8]) -> bool {
    let kind = kind_of(key).map(|(_, kind)| kind);
    let parts = matches!(kind, Some(tag::PART | tag::ITEM | tag::LABEL | tag::OF_TYPE));
    parts && value_kind(key) != Some(tag::PRESENT)
}
