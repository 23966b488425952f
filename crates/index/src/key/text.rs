//! String keys.

use accord_query::normalise;

use super::KeyBuilder;

/// Appends the body of a string key: normalised text, 0, original.
pub(crate) fn body<'a>(key: KeyBuilder<'a>, original: &str) -> KeyBuilder<'a> {
    key.add(normalise(original).as_bytes()).add(&[0]).add(original.as_bytes())
}
