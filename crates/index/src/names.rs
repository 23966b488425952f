//! Dictionaries of the three ordinal spaces: name to ordinal and back.

use parking_lot::RwLock;

use accord_base::NameSpace;

use crate::effect::NewName;
use crate::hash::hash;
use crate::paged::{Arena, Paged};
use crate::row::{pack_uuid, unpack_uuid};
use crate::sharded::Sharded;

/// Name of ordinal 0 of the organisations: no id, so that no Organization can pass for it.
pub const COMMONS_NAME: &str = "#commons";

/// The dictionaries of patients, organisations and actors.
pub(crate) struct Names {
    spaces: [Space; 3],
}

impl Default for Names {
    fn default() -> Names {
        let names = Names { spaces: Default::default() };
        names.space(NameSpace::Organization).add(0, COMMONS_NAME);
        names
    }
}

impl Names {
    fn space(&self, space: NameSpace) -> &Space {
        let [patient, organization, actor] = &self.spaces;
        match space {
            NameSpace::Patient => patient,
            NameSpace::Organization => organization,
            NameSpace::Actor => actor,
        }
    }

    /// The ordinal of a name.
    pub fn ordinal(&self, space: NameSpace, name: &str) -> Option<u32> {
        self.space(space).ordinal(name)
    }

    /// The name of an ordinal.
    pub fn name(&self, space: NameSpace, ordinal: u32) -> Option<String> {
        self.space(space).list.read().with(ordinal, str::to_owned)
    }

    /// The ordinal that the next new name gets.
    pub fn next(&self, space: NameSpace) -> u32 {
        self.space(space).list.read().entries.len() as u32
    }

    /// Takes a new name. `false` if its ordinal is not the next one or the name has another.
    pub fn add(&self, new: &NewName) -> bool {
        self.space(new.space).add(new.ordinal, &new.name)
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let space = |space: &Space| {
            let list = space.list.read();
            space.table.memory() + list.arena.memory() + list.entries.memory()
        };
        self.spaces.iter().map(space).sum()
    }
}

#[derive(Default)]
struct Space {
    table: Sharded,
    list: RwLock<List>,
}

#[derive(Default)]
struct List {
    arena: Arena,
    /// Address and length; length 0 stands for the 16 bytes of a packed UUID.
    entries: Paged<(u32, u16)>,
}

impl List {
    fn with<T>(&self, ordinal: u32, with: impl FnOnce(&str) -> T) -> Option<T> {
        let (at, length) = *self.entries.get(ordinal)?;
        if length > 0 {
            return std::str::from_utf8(self.arena.get(at, usize::from(length))).ok().map(with);
        }
        let packed: &[u8; 16] = self.arena.get(at, 16).try_into().ok()?;
        Some(with(unpack_uuid(packed, &mut [0; 36])))
    }
}

impl Space {
    fn ordinal(&self, name: &str) -> Option<u32> {
        let list = self.list.read();
        let same = |ordinal| list.with(ordinal, |text| text == name).unwrap_or(false);
        self.table.find(hash(name.as_bytes()), same)
    }

    fn add(&self, ordinal: u32, name: &str) -> bool {
        let Ok(length) = u16::try_from(name.len()) else { return false };
        if let Some(known) = self.ordinal(name) {
            return known == ordinal;
        }
        if length == 0 {
            return false;
        }
        let mut list = self.list.write();
        if list.entries.len() as u32 != ordinal {
            return false;
        }
        let entry = match pack_uuid(name) {
            Some(packed) => (list.arena.push(&packed), 0),
            None => (list.arena.push(name.as_bytes()), length),
        };
        list.entries.push(entry);
        drop(list);
        self.table.put(hash(name.as_bytes()), ordinal, |_| false);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_dense_and_names_unique() {
        let names = Names::default();
        let add = |ordinal, name: &str| {
            names.add(&NewName { space: NameSpace::Actor, ordinal, name: name.to_owned() })
        };
        let uuid = "d67a0cff-8f7e-46f7-bb99-577a6623e59a";
        assert!(add(0, "Practitioner/1"));
        assert!(add(1, uuid));
        assert!(!add(1, "Practitioner/2"), "taken ordinal");
        assert!(!add(2, uuid), "taken name");
        assert!(!add(3, "Practitioner/2"), "gap");
        assert!(add(1, uuid), "said again");
        assert_eq!(names.next(NameSpace::Organization), 1);
        assert_eq!(names.ordinal(NameSpace::Actor, uuid), Some(1));
        assert_eq!(names.ordinal(NameSpace::Patient, uuid), None);
        assert_eq!(names.name(NameSpace::Actor, 1).as_deref(), Some(uuid));
        assert_eq!(names.name(NameSpace::Actor, 2), None);
        assert_eq!(names.next(NameSpace::Actor), 2);
    }
}
