//! What keys belong to.

use super::tag;

/// Bytes in front of the body of a key: parameter and kind.
const PLAIN: usize = 3;
/// Of a part: parameter, `PART`, component, kind, item.
const OF_PART: usize = 9;
/// Of a contained resource: parameter, `WITHIN`, component, kind, number of the resource, item.
const WITHIN: usize = 13;
/// What stands for the component of what is no part.
const WHOLE: u8 = u8::MAX;

/// A parameter; or, of a composite one, a component of one of the items that it looks at. Of the
/// row's resource, or of one that it contains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    param: u16,
    /// Component and item.
    part: Option<(u8, u32)>,
    /// Number of the contained resource.
    within: Option<u32>,
}

impl From<u16> for Slot {
    fn from(param: u16) -> Slot {
        Slot { param, part: None, within: None }
    }
}

impl Slot {
    /// A component of an item of the same parameter and resource.
    pub fn component(self, component: u8, item: u32) -> Slot {
        Slot { part: Some((component, item)), ..self }
    }

    /// A parameter of a contained resource; of the row's own, where there is no number.
    pub fn of(param: u16, within: Option<u32>) -> Slot {
        Slot { within, ..Slot::from(param) }
    }

    /// The parameter.
    pub fn param(self) -> u16 {
        self.param
    }

    /// What keys of the slot are listed under in the tail: keys of values of this kind.
    pub fn listing(self, kind: u8) -> u8 {
        match (self.within, self.part) {
            (Some(_), _) => tag::WITHIN,
            (None, Some(_)) => tag::PART,
            (None, None) => kind,
        }
    }

    /// Appends the front of a key; gives the place where what may be cut begins.
    pub(super) fn begin(self, bytes: &mut Vec<u8>, kind: u8) -> usize {
        bytes.extend_from_slice(&self.param.to_be_bytes());
        let at = bytes.len() + 1;
        match (self.within, self.part) {
            (Some(number), part) => {
                let (component, item) = part.unwrap_or((WHOLE, 0));
                bytes.extend_from_slice(&[tag::WITHIN, component, kind]);
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(&item.to_be_bytes());
            }
            (None, None) => bytes.push(kind),
            (None, Some((component, item))) => {
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

/// What kind of value a key stands for, of a part and of what is contained as well.
pub(crate) fn value_kind(key: &[u8]) -> Option<u8> {
    match key {
        [_, _, tag::PART | tag::WITHIN, _, kind, ..] => Some(*kind),
        [_, _, kind, ..] => Some(*kind),
        _ => None,
    }
}

/// What stands behind the front of a key.
pub(super) fn body(key: &[u8]) -> &[u8] {
    let front = match key.get(2) {
        Some(&tag::PART) => OF_PART,
        Some(&tag::WITHIN) => WITHIN,
        _ => PLAIN,
    };
    key.get(front..).unwrap_or_default()
}

/// Whether keys of this kind are there only since parts are kept. What has an identifier alone
/// counted as missing before.
pub(crate) fn needs_parts(key: &[u8]) -> bool {
    let kind = kind_of(key).map(|(_, kind)| kind);
    let parts = matches!(kind, Some(tag::PART | tag::ITEM | tag::LABEL | tag::OF_TYPE));
    parts && value_kind(key) != Some(tag::PRESENT)
}

/// Whether keys of this kind are there only since contained resources are read.
pub(crate) fn needs_contained(key: &[u8]) -> bool {
    matches!(kind_of(key), Some((_, tag::WITHIN | tag::REFERS)))
}
