//! The verifier against every kind of tampering it is there to find.

use proptest::prelude::*;

use super::*;
use crate::AuditError;
use crate::note::SigningKey;
use crate::tree::{Frontier, leaf_hash};

const ORIGIN: &str = "accord.example/test";

/// What an auditor is handed.
#[derive(Clone)]
struct Store {
    log: Vec<Vec<u8>>,
    access: Vec<Vec<u8>>,
    checkpoints: Vec<Vec<u8>>,
}

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[4; 32]).unwrap()
}

fn head(leaves: &[Vec<u8>], size: usize) -> TreeHead {
    let mut frontier = Frontier::new();
    leaves[..size].iter().for_each(|leaf| frontier.append(leaf_hash(leaf)));
    TreeHead::from(&frontier)
}

fn checkpoint(store: &Store, log: usize, access: usize) -> Vec<u8> {
    let (log, access) = (head(&store.log, log), head(&store.access, access));
    Checkpoint { origin: ORIGIN.into(), access, log }.sign(&key()).unwrap().into_bytes()
}

/// Nine records of each kind and checkpoints at these sizes.
fn store(sizes: &[(usize, usize)]) -> Store {
    let leaves = |kind: &str| (0..9).map(|n| format!("{kind} {n}").into_bytes()).collect();
    let mut store = Store { log: leaves("log"), access: leaves("access"), checkpoints: vec![] };
    store.checkpoints = sizes.iter().map(|(l, a)| checkpoint(&store, *l, *a)).collect();
    store
}

fn verify(store: &Store, external: Option<&[u8]>) -> Result<Report, Fault> {
    let keys = [key().verifier().clone()];
    let items = |all: &[Vec<u8>]| all.iter().cloned().map(Ok).collect::<Vec<_>>().into_iter();
    Verifier { origin: ORIGIN, keys: &keys, external }.verify(
        &mut items(&store.checkpoints),
        &mut items(&store.log),
        &mut items(&store.access),
    )
}

#[test]
fn an_untouched_store_verifies() {
    let store = store(&[(0, 0), (2, 0), (2, 5), (8, 5), (8, 7)]);
    let report = verify(&store, None).unwrap();
    assert_eq!((report.log, report.access), (head(&store.log, 9), head(&store.access, 9)));
    assert_eq!(report.checkpoints, 5);
    assert_eq!(report.last.unwrap().access.size, 7);
    for log in 0..=9 {
        for access in 0..=9 {
            let external = checkpoint(&store, log, access);
            let report = verify(&store, Some(&external)).unwrap();
            assert_eq!(report.external.unwrap().log.size, log as u64);
        }
    }
    let empty = Store { log: vec![], access: vec![], checkpoints: vec![] };
    assert_eq!(verify(&empty, None).unwrap().last, None);
}

#[test]
fn an_altered_record_is_named_by_tree_and_range() {
    let mut store = store(&[(3, 3), (6, 6)]);
    store.access[4][0] ^= 1;
    match verify(&store, None).unwrap_err() {
        Fault::Altered { tree, checkpoint, since, size, .. } => {
            assert_eq!((tree, checkpoint, since, size), (Tree::Access, Checked::Stored(1), 3, 6));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn only_a_checkpoint_kept_elsewhere_tells_of_a_forged_or_missing_tail() {
    let honest = store(&[(6, 6)]);
    let external = checkpoint(&honest, 9, 9);
    let mut forged = honest.clone();
    forged.log[7] = b"forged".to_vec();
    assert!(verify(&forged, None).is_ok());
    let fault = verify(&forged, Some(&external)).unwrap_err();
    assert!(matches!(
        fault,
        Fault::Altered { tree: Tree::Log, checkpoint: Checked::External, since: 6, size: 9, .. }
    ));

    let mut cut = honest.clone();
    cut.access.truncate(8);
    let fault = verify(&cut, Some(&external)).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the access stream ends after 8 records, the external checkpoint signed 9"
    );
}

#[test]
fn a_rewritten_store_signed_anew_is_not_the_external_one() {
    let mut rewritten = store(&[]);
    let external = checkpoint(&rewritten, 5, 5);
    rewritten.access.remove(2);
    rewritten.checkpoints = vec![checkpoint(&rewritten, 9, 8)];
    assert!(verify(&rewritten, None).is_ok());
    assert!(matches!(
        verify(&rewritten, Some(&external)),
        Err(Fault::Altered { tree: Tree::Access, checkpoint: Checked::External, .. })
    ));
}

#[test]
fn records_missing_from_the_end_are_counted() {
    let mut store = store(&[(3, 3), (6, 6)]);
    store.log.truncate(5);
    let (tree, checkpoint) = (Tree::Log, Checked::Stored(1));
    assert_eq!(verify(&store, None), Err(Fault::Short { tree, checkpoint, size: 5, signed: 6 }));
}

#[test]
fn checkpoints_must_be_signed_ordered_and_of_this_origin() {
    let mut forged = store(&[(3, 3), (6, 6)]);
    let text = String::from_utf8(forged.checkpoints[1].clone()).unwrap();
    forged.checkpoints[1] = text.replace("\n6\n", "\n5\n").into_bytes();
    let reason = AuditError::Signature(ORIGIN.into());
    let checkpoint = Checked::Stored(1);
    assert_eq!(verify(&forged, None), Err(Fault::BadCheckpoint { checkpoint, reason }));

    let (tree, size, before) = (Tree::Access, 2, 3);
    let backwards = store(&[(3, 3), (6, 2)]);
    assert_eq!(verify(&backwards, None), Err(Fault::Backwards { checkpoint, tree, size, before }));

    let mut other = store(&[]);
    let foreign = Checkpoint {
        origin: "accord.example/other".into(),
        access: head(&other.access, 1),
        log: head(&other.log, 1),
    };
    other.checkpoints = vec![foreign.sign(&key()).unwrap().into_bytes()];
    assert!(matches!(
        verify(&other, None),
        Err(Fault::Origin { checkpoint: Checked::Stored(0), origin }) if origin == foreign.origin
    ));
    assert!(matches!(
        verify(&store(&[]), Some(b"no note")),
        Err(Fault::BadCheckpoint { checkpoint: Checked::External, .. })
    ));
}

#[test]
fn what_cannot_be_read_is_named() {
    let keys = [key().verifier().clone()];
    let verifier = Verifier { origin: ORIGIN, keys: &keys, external: None };
    let none = || std::iter::empty::<Result<Vec<u8>, String>>();
    let bad = || std::iter::once(Err("bad sector".to_owned()));
    let fault = verifier.verify(&mut none(), &mut bad(), &mut none()).unwrap_err();
    assert_eq!(fault.to_string(), "record 0 of the log cannot be read: bad sector");
    let fault = verifier.verify(&mut bad(), &mut none(), &mut none()).unwrap_err();
    assert_eq!(fault.to_string(), "stored checkpoint 0 cannot be read: bad sector");
}

/// Ways to tamper with a list of records.
fn tamper(leaves: &mut Vec<Vec<u8>>, kind: u8, at: usize) {
    match kind {
        0 => leaves[at][0] ^= 0x40,
        1 => drop(leaves.remove(at)),
        2 => leaves.insert(at, b"inserted".to_vec()),
        3 => leaves.swap(at, (at + 1) % 9),
        4 => leaves.truncate(at),
        _ => leaves[at].push(0),
    }
}

proptest! {
    #[test]
    fn tampering_with_anything_signed_is_found(
        kind in 0u8..6, at in 0usize..9, log in any::<bool>(), stored in any::<bool>(),
    ) {
        let mut tampered = store(if stored { &[(4, 2), (9, 9)] } else { &[] });
        let external = checkpoint(&tampered, 9, 9);
        let external = (!stored).then_some(external.as_slice());
        prop_assert!(verify(&tampered, external).is_ok());
        tamper(if log { &mut tampered.log } else { &mut tampered.access }, kind, at);
        prop_assert!(verify(&tampered, external).is_err());
    }
}
