//! Definitions against resources: (ok, issues)
