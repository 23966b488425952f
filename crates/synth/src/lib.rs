//! A deterministic synthetic population
