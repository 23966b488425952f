//! Uris above and below others (FHIR R4 search §3.1.1.4.13).

use crate::error::IndexError;
use crate::key::{self, Slot, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

use super::{Finder, scan};

/// Rows with a uri that is another one, or goes on behind it at a slash.
pub(super) struct Below {
    param: Slot,
    /// Key of the uri, as far as keys are kept whole.
    key: Vec<u8>,
    uri: String,
}

impl Below {
    pub fn new(param: impl Into<Slot>, uri: &str) -> Below {
        let param = param.into();
        Below { param, key: key::uri(param, uri), uri: uri.to_owned() }
    }

    fn holds(&self, key: &[u8]) -> bool {
        let at_slash = |rest: &[u8]| self.uri.ends_with('/') || rest.first() == Some(&b'/');
        key == self.key || key.strip_prefix(&*self.key).is_some_and(at_slash)
    }
}

impl Finder for Below {
    fn most(&self, part: &Part) -> Result<u64, IndexError> {
        Ok(u64::from(part.end() - part.first()))
    }

    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let mut found = Vec::new();
        let front = key::front(self.param, tag::URI);
        scan::each(view, part, (self.param, tag::URI), |key, rows| {
            if key.starts_with(&front) && self.holds(key) {
                found.push(rows()?);
            }
            Ok(())
        })?;
        Ok(RowSet::union(found))
    }
}

/// A uri and those that it is below of, each with and without a slash at its end.
pub(super) fn above(uri: &str) -> Vec<&str> {
    let from = uri.find("://").map_or(0, |at| at + 3);
    let slashes = uri.match_indices('/').map(|(at, _)| at).filter(|at| *at >= from);
    let mut all = vec![uri];
    for at in slashes {
        all.extend([uri.get(..at), uri.get(..=at)].into_iter().flatten());
    }
    all.retain(|shorter| !shorter.is_empty());
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_and_below_agree() {
        let all = ["http://a", "http://a/", "http://a/b", "http://a/b/", "http://a/b/c", "urn:x:y"];
        for lower in all {
            for upper in all {
                let below = Below::new(1, upper).holds(&key::uri(1, lower));
                let listed = above(lower).contains(&upper);
                assert_eq!(below, listed, "{lower} below {upper}");
            }
        }
        assert!(!Below::new(1, "http://a/b").holds(&key::uri(1, "http://a/bc")));
    }
}
