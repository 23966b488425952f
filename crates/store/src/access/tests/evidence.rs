//! The stream as evidence: what a checkpoint signed is what the files hold.

use accord_audit::note::SigningKey;
use accord_audit::{Checkpoint, Fault, Report, Tree, Verifier};

use super::*;

const ORIGIN: &str = "accord.example/test";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn sign(access: TreeHead) -> Vec<u8> {
    let log = TreeHead::from(&Frontier::new());
    Checkpoint { origin: ORIGIN.into(), access, log }.sign(&key()).unwrap().into_bytes()
}

/// Verifies the files, whoever has them open, against one checkpoint kept elsewhere.
fn verify(disk: &SimDisk, kept: &[u8]) -> Result<Report, Fault> {
    let keys = [key().verifier().clone()];
    let floor = Checkpoint::open(kept, &keys).unwrap().access.size;
    let leaves = Leaves::read(Arc::new(disk.clone()), floor);
    Verifier { origin: ORIGIN, keys: &keys, external: Some(kept) }.verify(
        &mut std::iter::empty(),
        &mut std::iter::empty(),
        &mut leaves.map(|leaf| leaf.map_err(|error| error.to_string())),
    )
}

#[test]
fn the_files_hold_what_was_signed() {
    let disk = SimDisk::new(1);
    let stream = filled(&disk, 30);
    let kept = sign(stream.flush().unwrap());
    (30..40).for_each(|n| assert_eq!(stream.append(&sealed(n)).unwrap(), n));
    let report = verify(&disk, &kept).unwrap();
    assert_eq!(report.access, TreeHead::from(&tree(40)));
    assert_eq!(report.external.unwrap().access.size, 30);
}

#[test]
fn a_forged_record_with_a_right_checksum_is_found() {
    let disk = SimDisk::new(1);
    let kept = sign(filled(&disk, 30).flush().unwrap());
    let mut forged = super::super::file::Frame::new(&vec![0xee; sealed(0).len()]).unwrap();
    let frame = forged.numbered(0);
    disk.open_write(&path(0)).unwrap().write_at(FILE_HEADER, frame).unwrap();
    assert!(matches!(
        verify(&disk, &kept),
        Err(Fault::Altered { tree: Tree::Access, since: 0, size: 30, .. })
    ));
}

#[test]
fn a_cut_or_missing_file_is_found() {
    let disk = SimDisk::new(1);
    let kept = sign(filled(&disk, 30).flush().unwrap());
    let last = disk.list(FOLDER).unwrap().len() as u32 - 1;
    disk.remove(&path(last - 1)).unwrap();
    let fault = verify(&disk, &kept).unwrap_err();
    assert!(matches!(fault, Fault::NoRecord { tree: Tree::Access, .. }), "{fault}");
    assert!(fault.to_string().ends_with("is damaged"), "{fault}");
}
