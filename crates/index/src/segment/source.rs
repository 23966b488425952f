//! Where the bytes of a segment come from.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::IndexError;

use super::wire::checked;

/// A segment file, or its bytes in memory.
pub trait SegmentSource: Send + Sync {
    /// Number of bytes.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `bytes` from an offset.
    ///
    /// # Errors
    /// If the file is shorter, or reading fails.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()>;
}

impl SegmentSource for Vec<u8> {
    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let from = start.checked_add(bytes.len()).and_then(|end| self.get(start..end));
        bytes.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Blocks of all segments read lately, up to a number of bytes. Shared by all segments of a store.
#[derive(Clone)]
pub struct BlockCache(Arc<Blocks>);

struct Blocks {
    cache: Cache<(u64, u64), Arc<[u8]>, Bytes>,
    opened: AtomicU64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<(u64, u64), Arc<[u8]>> for Bytes {
    fn weight(&self, _: &(u64, u64), block: &Arc<[u8]>) -> u64 {
        // The entry itself takes room too.
        block.len() as u64 + 64
    }
}

impl BlockCache {
    /// A cache of at most `bytes` bytes.
    pub fn new(bytes: u64) -> BlockCache {
        let blocks = usize::try_from(bytes / 4096).unwrap_or(usize::MAX).clamp(16, 1 << 20);
        let cache = Cache::with_weighter(blocks, bytes, Bytes);
        BlockCache(Arc::new(Blocks { cache, opened: AtomicU64::new(0) }))
    }

    /// Bytes held.
    pub fn memory(&self) -> u64 {
        self.0.cache.weight()
    }

    /// A number for a segment that is opened: its blocks are kept under it.
    pub(crate) fn register(&self) -> u64 {
        self.0.opened.fetch_add(1, Ordering::Relaxed)
    }

    /// A checksummed block of a segment, without its checksum: from the cache, or read and checked.
    pub(crate) fn block(
        &self,
        segment: u64,
        source: &dyn SegmentSource,
        at: u64,
        length: usize,
    ) -> Result<Arc<[u8]>, IndexError> {
        if let Some(block) = self.0.cache.get(&(segment, at)) {
            return Ok(block);
        }
        let mut bytes = vec![0; length];
        source.read_at(at, &mut bytes)?;
        let block: Arc<[u8]> = Arc::from(checked(&bytes)?);
        self.0.cache.insert((segment, at), block.clone());
        Ok(block)
    }
}
