//! Receipts: the server's signed word that a version of a resource was stored, and where its
//! record stands in the log.
//!
//! A C2SP signed note of seven lines:
//!
//! ```text
//! accord receipt 1
//! accord.example/node-1
//! Consent/c-17/_history/2
//! $revoke Patient/pat-willow
//! 2026-11-22T05:50:19.000001Z
//! sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=
//! leaf 912 XGuPmJsLmTKzPP6lBlsE9NpEZl6yPCU6/uT3b3N0Jbo=
//! ```
//!
//! With a checkpoint and an inclusion proof anyone who holds the verifier key can show that the
//! record is in the log that the server vouched for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use crate::note::{self, SigningKey, VerifierKey};
use crate::tree::{TreeHash, verify_inclusion};
use crate::{AuditError, Checkpoint};

const FIRST_LINE: &str = "accord receipt 1";

/// What a receipt says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Names the store, as its checkpoints do.
    pub origin: String,
    /// The version, as a relative reference.
    pub version: String,
    /// What was done with it, in one word.
    pub act: String,
    /// Who did it, as a relative reference.
    pub who: String,
    /// When, as FHIR writes instants.
    pub at: String,
    /// SHA-256 of the version as it is stored and served, minified.
    pub document: [u8; 32],
    /// Place of its record in the log.
    pub leaf: u64,
    /// Hash of that record as a leaf of the log tree.
    pub leaf_hash: TreeHash,
}

/// SHA-256 of a document.
pub fn document_hash(document: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(digest(&SHA256, document).as_ref()) {
        *to = *from;
    }
    bytes
}

impl Receipt {
    /// The signed note.
    ///
    /// # Errors
    /// If a field has a line break or, but for the last of its line, a blank.
    pub fn sign(&self, key: &SigningKey) -> Result<String, AuditError> {
        let whole = [&self.origin, &self.version, &self.who, &self.at];
        let words = [&self.act];
        let one_line = |text: &&String| !text.is_empty() && !text.contains('\n');
        if !whole.iter().all(one_line) || words.iter().any(|word| word.contains([' ', '\n'])) {
            return Err(AuditError::Receipt("a field is not one line"));
        }
        key.sign(&format!(
            "{FIRST_LINE}\n{}\n{}\n{} {}\n{}\nsha256 {}\nleaf {} {}\n",
            self.origin,
            self.version,
            self.act,
            self.who,
            self.at,
            STANDARD.encode(self.document),
            self.leaf,
            STANDARD.encode(self.leaf_hash.0)
        ))
    }

    /// Takes an untrusted note that one of these keys must have signed.
    ///
    /// # Errors
    /// If none did, or it is no receipt.
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<Receipt, AuditError> {
        const BAD: AuditError = AuditError::Receipt("it has not the lines of a receipt");
        let text = note::open(note, keys)?;
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let mut next = || lines.next().ok_or(BAD);
        if next()? != FIRST_LINE {
            return Err(BAD);
        }
        let (origin, version) = (next()?.to_owned(), next()?.to_owned());
        let (act, who) = next()?.split_once(' ').ok_or(BAD)?;
        let at = next()?.to_owned();
        let document = hash(next()?.strip_prefix("sha256 ").ok_or(BAD)?)?;
        let leaf = next()?.strip_prefix("leaf ").ok_or(BAD)?;
        let (number, leaf_hash) = leaf.split_once(' ').ok_or(BAD)?;
        let leaf: u64 = number.parse().map_err(|_| BAD)?;
        if lines.next().is_some() || leaf.to_string() != number {
            return Err(BAD);
        }
        let (act, who) = (act.to_owned(), who.to_owned());
        let leaf_hash = TreeHash(hash(leaf_hash)?);
        Ok(Receipt { origin, version, act, who, at, document, leaf, leaf_hash })
    }

    /// Whether the record stands in the log that a checkpoint vouches for.
    pub fn is_in(&self, checkpoint: &Checkpoint, proof: &[TreeHash]) -> bool {
        let log = checkpoint.log;
        checkpoint.origin == self.origin
            && verify_inclusion(self.leaf_hash, self.leaf, log.size, proof, log.root)
    }
}

fn hash(text: &str) -> Result<[u8; 32], AuditError> {
    const BAD: AuditError = AuditError::Receipt("a hash is not 32 bytes in base64");
    STANDARD.decode(text).map_err(|_| BAD)?.try_into().map_err(|_| BAD)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TreeHead;
    use crate::tree::{inclusion_proof, leaf_hash, root_of};

    fn key() -> SigningKey {
        SigningKey::from_seed("accord.example/node-1", &[9; 32]).unwrap()
    }

    fn sample() -> Receipt {
        Receipt {
            origin: "accord.example/node-1".into(),
            version: "Consent/c/_history/2".into(),
            act: "$revoke".into(),
            who: "Patient/p".into(),
            at: "2026-11-22T05:50:19.000001Z".into(),
            document: document_hash(b"{}"),
            leaf: 3,
            leaf_hash: leaf_hash(&[3]),
        }
    }

    #[test]
    fn receipts_are_read_as_written_and_shown_to_be_in_the_log() {
        let keys = [key().verifier().clone()];
        let note = sample().sign(&key()).unwrap();
        assert_eq!(Receipt::open(note.as_bytes(), &keys), Ok(sample()));
        let leaves: Vec<TreeHash> = (0..7u8).map(|n| leaf_hash(&[n])).collect();
        let head = TreeHead { size: 7, root: root_of(&leaves) };
        let origin = sample().origin;
        let checkpoint = Checkpoint { origin, access: head, log: head };
        let proof = inclusion_proof(&leaves, 3).unwrap();
        assert!(sample().is_in(&checkpoint, &proof));
        assert!(!Receipt { leaf: 2, ..sample() }.is_in(&checkpoint, &proof));
        let other = Checkpoint { origin: "another".into(), ..checkpoint };
        assert!(!sample().is_in(&other, &proof));
    }

    #[test]
    fn other_notes_are_no_receipts() {
        let keys = [key().verifier().clone()];
        let signed = |text: &str| Receipt::open(key().sign(text).unwrap().as_bytes(), &keys);
        let text = sample().sign(&key()).unwrap();
        let text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
        assert!(signed(&text).is_ok());
        for (from, to) in [
            ("accord receipt 1", "accord receipt 2"),
            ("leaf 3", "leaf 03"),
            ("sha256 ", "sha1 "),
            ("$revoke ", "$revoke"),
            ("=\n", "=\nmore\n"),
        ] {
            assert!(signed(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
        let head = TreeHead { size: 0, root: TreeHash([0; 32]) };
        let checkpoint = Checkpoint { origin: "o".into(), access: head, log: head };
        let note = checkpoint.sign(&key()).unwrap();
        assert!(Receipt::open(note.as_bytes(), &keys).is_err());
        assert!(Checkpoint::open(sample().sign(&key()).unwrap().as_bytes(), &keys).is_err());
        for bad in ["", "a\nb"] {
            assert!(Receipt { who: bad.into(), ..sample() }.sign(&key()).is_err());
        }
    }

    proptest! {
        #[test]
        fn noise_never_panics(text in "[a-z0-9 =+/\n]{2,200}") {
            let keys = [key().verifier().clone()];
            if let Ok(note) = key().sign(&format!("{text}\n")) {
                let _ = Receipt::open(note.as_bytes(), &keys);
            }
        }
    }
}
