//! Official suites and differential checks
