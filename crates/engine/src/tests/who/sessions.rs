//! Sessions, restarts and lost lists.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn everyone_is_told_of_what_names_them(
        steps in prop::collection::vec(step(), 1..25), more in prop::collection::vec(step(), 0..6),
        lose in 0u8..4, at in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.go(*step));
        world.check();
        world.close();
        prop_assert_eq!(world.faults(), Vec::<String>::new());
        prop_assert!(crate::verify_parts(&world.parts, None).unwrap().is_ok());
        for name in world.rolls() {
            let file = world.disk.open_write(&name).unwrap();
            let size = file.size().unwrap();
            let at = at.index(size as usize) as u64;
            match lose {
                0 => {}
                1 => world.disk.remove(&name).unwrap(),
                2 => file.truncate(at).unwrap(),
                _ => {
                    let mut byte = [0];
                    file.read_at(at, &mut byte).unwrap();
                    file.write_at(at, &[byte[0] ^ 4]).unwrap();
                }
            }
        }
        world.open();
        world.check();
        more.iter().for_each(|step| world.go(*step));
        world.check();
        world.close();
        prop_assert_eq!(world.faults(), Vec::<String>::new());
    }
}

#[test]
fn a_torn_tail_leaves_lists_that_fit_what_is_left() {
    let mut world = World::new();
    for kind in 0..10 {
        world.go(Step { kind, one: 1, other: 2 });
    }
    world.check();
    let disk = world.disk.reboot();
    let names = disk.list("access").unwrap();
    let last = names.iter().rfind(|name| name.ends_with(".acc")).unwrap();
    let junk = disk.open_write(&format!("access/{last}")).unwrap();
    junk.append(b"\x40\x01\0\0 half a frame").unwrap();
    let log = world.parts.log.clone();
    std::mem::forget(world.store.take());
    world.parts = Parts { disk: Arc::new(disk.clone()), log, ..world.parts.clone() };
    world.disk = disk;
    world.open();
    world.check();
}

#[test]
fn a_list_that_says_something_else_is_told_by_check() {
    let mut world = World::new();
    world.go(Step { kind: 2, one: 1, other: 2 });
    world.close();
    let stream = accord_store::roll::Source::Stream;
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    let good = accord_store::roll::Roll::open(&disk, stream, 0).unwrap();
    assert_eq!(world.faults(), Vec::<String>::new());
    let (mut entries, always) = (Vec::new(), (LogTime(0), LogTime(u64::MAX)));
    good.each(always, &mut |entry| entries.push(entry)).unwrap();
    let (from, to) = (good.begins().unwrap(), good.covered().unwrap());
    good.remove().unwrap();
    let mut forged = accord_store::roll::Roll::open(&disk, stream, 0).unwrap();
    entries.pop();
    let at = (LogTime(0), LogTime(u64::MAX));
    forged.append(accord_store::roll::Span { from, to, at }, &mut entries).unwrap();
    assert_eq!(world.faults().len(), 1);
}
