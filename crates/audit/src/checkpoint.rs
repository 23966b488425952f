//! What the server vouches for at an instant: size and root of both trees.
//!
//! A C2SP tlog-checkpoint of the access tree, with one extension line for the log tree:
//!
//! ```text
//! accord.example/node-1
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! log 912 XGuPmJsLmTKzPP6lBlsE9NpEZl6yPCU6/uT3b3N0Jbo=
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note::{self, SigningKey, VerifierKey};
use crate::tree::{Frontier, TreeHash};
use crate::{AuditError, Tree};

const LOG_LINE: &str = "log ";

/// A tree at one size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: TreeHash,
}

/// The heads of both trees under the name of the node that keeps them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Names the log, as a URL without scheme; by convention the signing key's name.
    pub origin: String,
    /// The tree over the access stream.
    pub access: TreeHead,
    /// The tree over the log's records.
    pub log: TreeHead,
}

impl From<&Frontier> for TreeHead {
    fn from(frontier: &Frontier) -> TreeHead {
        TreeHead { size: frontier.size(), root: frontier.root() }
    }
}

impl Checkpoint {
    /// The head of one of the trees.
    pub fn head(&self, tree: Tree) -> TreeHead {
        match tree {
            Tree::Access => self.access,
            Tree::Log => self.log,
        }
    }

    /// The signed note. The owner signs only what is consistent with all it signed before, over
    /// leaves that are on disk.
    pub fn sign(&self, key: &SigningKey) -> Result<String, AuditError> {
        if self.origin.is_empty() || self.origin.contains('\n') {
            return Err(AuditError::Checkpoint("its origin is not one line"));
        }
        let encode = |head: &TreeHead| STANDARD.encode(head.root.0);
        key.sign(&format!(
            "{}\n{}\n{}\n{LOG_LINE}{} {}\n",
            self.origin,
            self.access.size,
            encode(&self.access),
            self.log.size,
            encode(&self.log)
        ))
    }

    /// Takes an untrusted note that one of these keys must have signed.
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<Checkpoint, AuditError> {
        Checkpoint::parse(note::open(note, keys)?)
    }

    /// Reads the text of a note. Extension lines other than that of the log are passed over.
    fn parse(text: &str) -> Result<Checkpoint, AuditError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.split('\n').any(str::is_empty) {
            return Err(AuditError::Checkpoint("it has an empty line"));
        }
        let mut lines = text.split('\n');
        let mut next = || lines.next().ok_or(AuditError::Checkpoint("it has too few lines"));
        let (origin, size, root) = (next()?.to_owned(), next()?, next()?);
        let access = parse_head(size, root)?;
        let mut logs = lines.filter_map(|line| line.strip_prefix(LOG_LINE));
        let (Some(log), None) = (logs.next(), logs.next()) else {
            return Err(AuditError::Checkpoint("it has not exactly one line of the log"));
        };
        let (size, root) =
            log.split_once(' ').ok_or(AuditError::Checkpoint("the log's line is malformed"))?;
        Ok(Checkpoint { origin, access, log: parse_head(size, root)? })
    }
}

fn parse_head(size: &str, root: &str) -> Result<TreeHead, AuditError> {
    const SIZE: AuditError = AuditError::Checkpoint("a tree size is not a plain number");
    const ROOT: AuditError = AuditError::Checkpoint("a root is not 32 bytes in base64");
    let number: u64 = size.parse().map_err(|_| SIZE)?;
    // One number has one spelling: no sign, no leading zero.
    if number.to_string() != size {
        return Err(SIZE);
    }
    let root = STANDARD.decode(root).map_err(|_| ROOT)?;
    Ok(TreeHead { size: number, root: TreeHash(root.try_into().map_err(|_| ROOT)?) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed("accord.example/node-1", &[9; 32]).unwrap()
    }

    fn sample() -> Checkpoint {
        Checkpoint {
            origin: "accord.example/node-1".into(),
            access: TreeHead { size: 20_852_163, root: TreeHash([0x0a; 32]) },
            log: TreeHead { size: 912, root: TreeHash([0xff; 32]) },
        }
    }

    #[test]
    fn the_text_has_the_form_of_the_specification() {
        let note = sample().sign(&key()).unwrap();
        let text = note.split_once("\n\n").unwrap().0;
        assert_eq!(
            text,
            "accord.example/node-1\n20852163\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n\
             log 912 //////////////////////////////////////////8="
        );
        assert_eq!(Checkpoint::open(note.as_bytes(), &[key().verifier().clone()]), Ok(sample()));
    }

    #[test]
    fn other_extension_lines_are_passed_over() {
        let root = STANDARD.encode([1; 32]);
        let text = format!("o\n0\n{root}\nfuture line\nlog 7 {root}\nlogs of another kind\n");
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!((checkpoint.access.size, checkpoint.log.size), (0, 7));
    }

    #[test]
    fn signed_texts_that_are_no_checkpoints_are_refused() {
        let root = STANDARD.encode([1; 32]);
        let log = format!("log 7 {root}");
        for bad in [
            "o\n".to_owned(),
            format!("o\n1\n{root}\n"),
            format!("o\n1\n{root}\n{log}\n{log}\n"),
            format!("o\n\n1\n{root}\n{log}\n"),
            format!("\n1\n{root}\n{log}\n"),
            format!("o\n+1\n{root}\n{log}\n"),
            format!("o\n01\n{root}\n{log}\n"),
            format!("o\n-1\n{root}\n{log}\n"),
            format!("o\n 1\n{root}\n{log}\n"),
            format!("o\n18446744073709551616\n{root}\n{log}\n"),
            format!("o\n1\n{root}A\n{log}\n"),
            format!("o\n1\nAAAA\n{log}\n"),
            format!("o\n1\n{root}\nlog 7\n"),
            format!("o\n1\n{root}\nlog 7  {root}\n"),
            format!("o\n1\n{root}\nlog x {root}\n"),
        ] {
            let note = key().sign(&bad).unwrap();
            let found = Checkpoint::open(note.as_bytes(), &[key().verifier().clone()]);
            assert!(matches!(found, Err(AuditError::Checkpoint(_))), "{bad:?}: {found:?}");
        }
        for origin in ["", "a\nb"] {
            assert!(Checkpoint { origin: origin.into(), ..sample() }.sign(&key()).is_err());
        }
    }

    proptest! {
        #[test]
        fn checkpoints_round_trip(sizes in any::<[u64; 2]>(), roots in any::<[[u8; 32]; 2]>()) {
            let checkpoint = Checkpoint {
                access: TreeHead { size: sizes[0], root: TreeHash(roots[0]) },
                log: TreeHead { size: sizes[1], root: TreeHash(roots[1]) },
                ..sample()
            };
            let note = checkpoint.sign(&key()).unwrap();
            let keys = [key().verifier().clone()];
            prop_assert_eq!(Checkpoint::open(note.as_bytes(), &keys), Ok(checkpoint));
        }

        #[test]
        fn noise_never_panics(text in "[a-z0-9 =+/\n]{0,200}") {
            let _ = Checkpoint::parse(&text);
        }
    }
}
