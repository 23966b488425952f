//! Code systems that were loaded from files of their publishers: one packed file each, in the
//! folder `terminology` of the store. They are shared reference data, open to everyone.

use std::io;
use std::sync::Arc;

use accord_store::disk::Disk;
use accord_terminology::{CodeSystem, Origin, TermError};

use crate::{Engine, EngineError};

const FOLDER: &str = "terminology";
const ENDING: &str = ".terms";

impl Engine {
    /// Keeps a code system in the store's folder, in the place of one of the same address and
    /// version.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_code_system(&self, system: &CodeSystem) -> Result<(), EngineError> {
        let failed = EngineError::io("a code system cannot be kept");
        write(&*self.disk, system).map_err(failed)?;
        *self.terms.files.lock() = None;
        self.terms.made.clear();
        Ok(())
    }

    /// The code systems that were loaded; read when they are first asked for.
    pub(crate) fn loaded_systems(&self) -> Result<Arc<[Arc<CodeSystem>]>, TermError> {
        let mut files = self.terms.files.lock();
        if let Some(read) = &*files {
            return Ok(read.clone());
        }
        let read: Arc<[Arc<CodeSystem>]> = read(&*self.disk)
            .map_err(|error| {
                self.fault("reading a code system that was loaded", &error);
                TermError::Unreadable(FOLDER.to_owned())
            })?
            .into();
        *files = Some(read.clone());
        Ok(read)
    }
}

fn write(disk: &dyn Disk, system: &CodeSystem) -> io::Result<()> {
    let packed = system.pack()?;
    let version = system.head().version.as_deref().unwrap_or_default();
    let name = format!("{}|{version}", system.url());
    let path = format!("{FOLDER}/{:08x}{ENDING}", crc32c::crc32c(name.as_bytes()));
    let fresh = format!("{path}.new");
    disk.create_dir(FOLDER)?;
    if disk.list(FOLDER)?.iter().any(|own| fresh.ends_with(own.as_str())) {
        disk.remove(&fresh)?;
    }
    let file = disk.create(&fresh)?;
    file.append(&packed)?;
    file.sync()?;
    disk.rename(&fresh, &path)?;
    disk.sync_dir(FOLDER)
}

fn read(disk: &dyn Disk) -> io::Result<Vec<Arc<CodeSystem>>> {
    let names = disk.list(FOLDER)?;
    let kept = names.iter().filter(|name| name.ends_with(ENDING));
    let one = |(number, name): (usize, &String)| {
        let bytes = whole(disk, &format!("{FOLDER}/{name}"))?;
        CodeSystem::unpack(&bytes, Origin::File(number as u32)).map(Arc::new)
    };
    kept.enumerate().map(one).collect()
}

fn whole(disk: &dyn Disk, path: &str) -> io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let mut bytes = vec![0; file.size()? as usize];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(filled as u64, rest)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(bytes)
}
