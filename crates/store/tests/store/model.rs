//! The container against the log in memory: whatever is asked of both, they answer alike.

use std::sync::Arc;

use accord_base::Row;
use accord_store::log::MemoryLog;
use accord_store::{Epoch, Group, KeyId, Log, SqliteLog, WrappedKey};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{key, mark, record};

#[derive(Clone, Debug)]
enum Step {
    Claim,
    /// Epoch and first row relative to the right ones, sizes of records, keys, marks.
    Append(i8, i8, Vec<u16>, Vec<(u8, u8)>, Vec<u8>),
    Meta(u8, Vec<u8>),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let wrong = || prop_oneof![8 => Just(0i8), 1 => -2..3i8];
    let keys = vec((1..6u8, 0..12u8), 0..3);
    let append = (wrong(), wrong(), vec(0..9000u16, 0..5), keys, vec(any::<u8>(), 0..2));
    prop_oneof![
        1 => Just(Step::Claim),
        8 => append.prop_map(|(e, f, r, k, m)| Step::Append(e, f, r, k, m)),
        1 => (0..3u8, vec(any::<u8>(), 0..20)).prop_map(|(name, value)| Step::Meta(name, value)),
        1 => Just(Step::Reopen),
    ]
}

fn run(log: &dyn Log, epoch: &mut Epoch, step: &Step) -> Result<(), String> {
    match step {
        Step::Claim => *epoch = log.claim().map_err(|e| e.to_string())?,
        Step::Append(held, first, sizes, keys, marks) => {
            let first = Row(log.end().unwrap().0.wrapping_add_signed((*first).into()));
            let rows = (0..sizes.len()).map(|n| first.0.wrapping_add(n as u32));
            let records = rows.zip(sizes).map(|(row, len)| record(row, (*len).into(), 0)).collect();
            // Now and then another key under the number, or another number for the owner.
            let odd = |kind: u8, key: WrappedKey| match kind {
                0 => WrappedKey { wrapped: vec![1; 61], ..key },
                1 => WrappedKey { id: KeyId(key.id.0 + 100), ..key },
                _ => key,
            };
            let keys = keys.iter().map(|(id, kind)| odd(*kind, key((*id).into()))).collect();
            let epoch = Epoch(epoch.0.wrapping_add_signed((*held).into()));
            let marks = marks.iter().map(|number| mark(*number)).collect();
            let group = Group { epoch, first, records, keys, marks };
            log.append(&group).map_err(|e| e.to_string())?;
        }
        Step::Meta(name, value) => log.put_meta(&name.to_string(), value).unwrap(),
        Step::Reopen => {}
    }
    Ok(())
}

fn state(log: &dyn Log) -> impl PartialEq + std::fmt::Debug + use<> {
    let marks: Vec<bool> = (0..=255).map(|n| log.has_mark(&mark(n)).unwrap()).collect();
    let names: Vec<_> = (0..3u8).map(|name| log.meta(&name.to_string()).unwrap()).collect();
    let records = log.scan(Row(0), usize::MAX).unwrap();
    (log.end().unwrap(), records, log.keys(KeyId(0), usize::MAX).unwrap(), marks, names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_logs_answer_alike(steps in vec(step(), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let memory = MemoryLog::new();
        let mut file: Arc<dyn Log> = Arc::new(SqliteLog::open(folder.path()).unwrap());
        let (mut ours, mut theirs) = (Epoch(0), Epoch(0));
        for step in &steps {
            if matches!(step, Step::Reopen) {
                drop(file);
                file = Arc::new(SqliteLog::open(folder.path()).unwrap());
            }
            let answers = (run(&*file, &mut ours, step), run(&memory, &mut theirs, step));
            prop_assert_eq!(&answers.0, &answers.1, "{:?}", step);
        }
        prop_assert_eq!(state(&*file), state(&memory));
    }
}
