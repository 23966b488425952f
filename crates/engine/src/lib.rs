//! Where decide, validate, commit, search and audit meet; plain data in and out
