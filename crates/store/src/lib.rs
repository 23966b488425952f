//! The Log trait, record codec, SQLite container, segment files, keys
