//! `accord key`: the key pairs that sign tokens, in files of the store's folder.
//!
//! `signing.key` signs; `signing.key.until-N` signed before it and verifies until the second N since
//! 1970.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use accord_auth::{Authority, KeyRing, RETIRED_S, Retired, SigningKey};
use accord_base::{Clock, SystemClock};
use clap::{Args, Subcommand};

use crate::fail::Fail;
use crate::out;

/// Name of the file with the key pair that signs.
const FILE: &str = "signing.key";
/// What the names of the files before it begin with.
const RETIRED: &str = "signing.key.until-";

/// The key pairs that sign tokens.
#[derive(Args)]
pub struct Key {
    /// Folder of the store.
    #[arg(long, global = true, default_value = ".")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a new key pair, which signs from now on; the old one verifies for another hour.
    Rotate {
        /// Let the old ones verify no more: for keys that others may have.
        #[arg(long)]
        discard_old: bool,
    },
    /// List the keys and until when they verify.
    List,
}

/// The keys of a store.
pub struct Keys {
    current: SigningKey,
    retired: Vec<Retired>,
}

impl Keys {
    /// As a ring.
    pub fn ring(self) -> KeyRing {
        KeyRing::new(self.current, self.retired)
    }

    /// Puts them in the place of those that the server has.
    pub fn replace(self, authority: &Authority) {
        authority.replace_keys(self.current, self.retired);
    }
}

/// Runs the command.
pub fn run(key: &Key) -> Result<(), Fail> {
    let keys = read(&key.data)?;
    match key.what {
        What::Rotate { discard_old } => {
            rotate(&key.data, discard_old)?;
            out::line(read(&key.data)?.current.kid())
        }
        What::List => {
            out::line(&format!("{}\tsigns", keys.current.kid()))?;
            keys.retired.iter().try_for_each(|old| {
                out::line(&format!("{}\tverifies until {}", old.key.kid(), old.until_s))
            })
        }
    }
}

/// The store's keys; the one that signs is made if there is none yet.
pub fn read(folder: &Path) -> Result<Keys, Fail> {
    let path = folder.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path)?,
        Err(error) => return Err(error.into()),
    };
    let mut retired = Vec::new();
    for (path, until_s) in old(folder)? {
        if until_s > now_s() {
            retired.push(Retired { key: SigningKey::from_pkcs8(&fs::read(&path)?)?, until_s });
        } else if let Err(error) = fs::remove_file(&path) {
            // It verifies nothing any more, whether it is there or not.
            tracing::warn!(%error, "an old key cannot be removed");
        }
    }
    retired.sort_by_key(|old| std::cmp::Reverse(old.until_s));
    Ok(Keys { current: SigningKey::from_pkcs8(&bytes)?, retired })
}

/// What differs when the keys are others, or one of them is over.
pub fn state(folder: &Path) -> (Option<SystemTime>, usize) {
    let written = fs::metadata(folder.join(FILE)).and_then(|file| file.modified()).ok();
    let now_s = now_s();
    let live = |old: Vec<(PathBuf, u64)>| old.iter().filter(|(_, until)| *until > now_s).count();
    (written, old(folder).map_or(0, live))
}

fn old(folder: &Path) -> Result<Vec<(PathBuf, u64)>, Fail> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let until = name.to_str().and_then(|name| name.strip_prefix(RETIRED));
        if let Some(until_s) = until.and_then(|until| until.parse().ok()) {
            all.push((entry.path(), until_s));
        }
    }
    Ok(all)
}

fn rotate(folder: &Path, discard_old: bool) -> Result<(), Fail> {
    let path = folder.join(FILE);
    let fresh = beside(&path);
    write(&fresh, &SigningKey::generate()?)?;
    if discard_old {
        old(folder)?.into_iter().try_for_each(|(path, _)| fs::remove_file(path))?;
    } else {
        // Kept before it is replaced: at no moment does a key verify nowhere that should.
        let kept = folder.join(format!("{RETIRED}{}", now_s() + RETIRED_S));
        write(&kept, &fs::read(&path)?)?;
    }
    fs::rename(&fresh, &path)?;
    Ok(File::open(folder)?.sync_all()?)
}

/// Makes a key pair. Of two processes that do, one makes it.
fn make(path: &Path) -> Result<Vec<u8>, Fail> {
    let bytes = SigningKey::generate()?;
    // Written beside and linked into place: nobody ever reads half a key.
    let own = beside(path);
    write(&own, &bytes)?;
    let placed = fs::hard_link(&own, path);
    fs::remove_file(&own)?;
    match placed {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(fs::read(path)?),
        Err(error) => Err(error.into()),
    }
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension(format!("key.{}", std::process::id()))
}

/// Writes a file that only its owner can read.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Fail> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

fn now_s() -> u64 {
    SystemClock.now().seconds()
}
