//! The R4 definitions as compact tables
