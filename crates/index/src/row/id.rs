//! Logical ids in few bytes: a UUID in its usual form takes 16.

/// A logical id as the columns keep it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RowId {
    /// A UUID in lower case with its four hyphens.
    Uuid([u8; 16]),
    /// Any other id.
    Text(Box<str>),
}

impl RowId {
    /// Packs an id.
    pub fn new(id: &str) -> RowId {
        pack_uuid(id).map_or_else(|| RowId::Text(Box::from(id)), RowId::Uuid)
    }

    /// Hands the id's text to `with`.
    pub fn with_text<T>(&self, with: impl FnOnce(&str) -> T) -> T {
        match self {
            RowId::Uuid(bytes) => with(unpack_uuid(bytes, &mut [0; 36])),
            RowId::Text(text) => with(text),
        }
    }
}

/// The bytes of a UUID if `id` is one in lower case with hyphens, so that nothing is lost.
pub(crate) fn pack_uuid(id: &str) -> Option<[u8; 16]> {
    let bytes: &[u8; 36] = id.as_bytes().try_into().ok()?;
    let mut packed = [0u8; 16];
    let mut digits = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        let to = packed.get_mut(digits / 2)?;
        *to = *to << 4 | digit;
        digits += 1;
    }
    Some(packed)
}

/// The text of packed bytes, written into `text`.
pub(crate) fn unpack_uuid<'a>(packed: &[u8; 16], text: &'a mut [u8; 36]) -> &'a str {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut nibbles = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    for (at, to) in text.iter_mut().enumerate() {
        *to = match at {
            8 | 13 | 18 | 23 => b'-',
            _ => nibbles.next().and_then(|n| HEX.get(usize::from(n))).copied().unwrap_or(b'0'),
        };
    }
    std::str::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_usual_form_is_packed() {
        let uuid = "d67a0cff-8f7e-46f7-bb99-577a6623e59a";
        assert!(matches!(RowId::new(uuid), RowId::Uuid(_)));
        for other in
            ["D67A0CFF-8F7E-46F7-BB99-577A6623E59A", "d67a0cff8f7e46f7bb99577a6623e59a", "1"]
        {
            assert!(matches!(RowId::new(other), RowId::Text(_)), "{other}");
        }
    }

    proptest! {
        #[test]
        fn ids_come_back(id in "[A-Za-z0-9.-]{1,64}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}") {
            RowId::new(&id).with_text(|text| assert_eq!(text, id));
        }
    }
}
